"""Answers one question from numpy and scipy: reads JSON from a file, writes JSON to another.

Each function imports only what it needs, for scipy takes long to load.
"""

import json
import sys

import numpy as np

with open(sys.argv[1]) as file:
    question = json.load(file)

# Written in as few digits as single precision needs.
x = np.asarray(question["signal"], dtype=np.float32).astype(np.float64)
number = question["numbers"]


def transform():
    spectrum = np.fft.rfft(x)
    return {
        "real": spectrum.real,
        "imaginary": spectrum.imag,
        "signal": np.fft.irfft(spectrum, len(x)),
    }


def windows():
    from scipy import signal

    names = ["boxcar", "hann", "hamming", "blackman", "blackmanharris", "flattop"]
    count = int(number["count"])
    answer = {}
    for name in names:
        answer[name] = signal.get_window(name, count, fftbins=True)
        answer[name + " symmetric"] = signal.get_window(name, count, fftbins=False)
    return answer


def welch():
    from scipy import signal

    _, density = signal.welch(
        x,
        fs=number["rate"],
        nperseg=int(number["segment"]),
        noverlap=int(number["overlap"]),
        window="hann",
    )
    return {"density": density}


def envelope():
    from scipy import signal

    analytic = signal.hilbert(x)
    squared = np.abs(analytic) ** 2
    spectrum = 2 * np.abs(np.fft.rfft(squared)) / len(x)
    spectrum[0] = 0
    return {
        "real": analytic.real,
        "imaginary": analytic.imag,
        "squared": squared,
        "spectrum": spectrum,
    }


def band_envelope():
    from scipy import signal

    spectrum = np.fft.rfft(x)
    if number["whitened"]:
        spectrum = spectrum / np.abs(spectrum)
    hertz = np.fft.rfftfreq(len(x), 1 / number["rate"])
    spectrum[(hertz < number["low"]) | (hertz > number["high"])] = 0
    return {"squared": np.abs(signal.hilbert(np.fft.irfft(spectrum, len(x)))) ** 2}


def short_time():
    from scipy import signal

    length, hop = int(number["frame"]), int(number["hop"])
    window = signal.get_window("hann", length)
    _, _, frames = signal.stft(
        x,
        window=window,
        nperseg=length,
        noverlap=length - hop,
        boundary=None,
        padded=False,
    )
    # scipy divides by the sum of the window; bins come first.
    frames = frames.T * window.sum()
    power = np.abs(frames) ** 2
    kurtosis = (power**2).mean(axis=0) / power.mean(axis=0) ** 2 - 2
    return {"last real": frames[-1].real, "last imaginary": frames[-1].imag, "kurtosis": kurtosis}


def kurtogram():
    from scipy import fft

    half, narrowest = len(x) // 2, int(number["narrowest"])
    spectrum = fft.rfft(x)
    spectrum[0] = 0
    kurtosis = []
    for count in sorted(c for n in range(20) for c in (2**n, 3 * 2**n) if half // c >= narrowest):
        edges = [index * half // count for index in range(count + 1)]
        # The rate at which the bands of a row are brought back: 16 · 2ᵃ · 3ᵇ · 5ᶜ.
        length = -(-half // count)
        while length % 16 or fft.next_fast_len(length // 16, real=True) != length // 16:
            length += 1
        for low, high in zip(edges, edges[1:]):
            power = np.abs(fft.ifft(spectrum[low:high], length)) ** 2
            kurtosis.append((power**2).mean() / power.mean() ** 2 - 2)
    return {"kurtosis": kurtosis}


def orders():
    from scipy import integrate, interpolate

    rate, last = number["rate"], len(x) - 1
    profile = np.asarray(question["taps"])
    places = np.linspace(0, 1, len(profile)) if len(profile) > 1 else [0]
    speed = np.interp(np.linspace(0, 1, last + 1), places, profile)
    turns = integrate.cumulative_trapezoid(speed, dx=1 / rate, initial=0)
    wanted = np.arange(0, turns[-1], 1 / number["per turn"])
    found = []
    for place in np.interp(wanted, turns, np.arange(last + 1)):
        start = min(max(int(place) - 1, 0), last - 3)
        near = np.arange(start, start + 4)
        found.append(float(interpolate.KroghInterpolator(near, x[near])(place)))
    return {"samples": found}


def floor():
    from scipy import ndimage

    reach = int((number["half width"] + 4) // 8)
    groups = np.add.reduceat(x, range(0, len(x), 8)) / np.diff(
        np.append(np.arange(0, len(x), 8), len(x))
    )
    around = np.ones(2 * reach + 1)
    members = ndimage.convolve1d(np.ones(len(groups)), around, mode="constant")

    def means():
        return ndimage.convolve1d(groups, around, mode="constant") / members

    for _ in range(int(number["rounds"])):
        groups = np.minimum(groups, 2 * means())
    found = np.repeat(means(), 8)[: len(x)]
    return {"floor": found, "rise": np.log(np.maximum(x / found, 1))}


def band():
    from scipy import signal

    half = len(x) // 2
    low, high = int(number["low"]), int(number["high"])
    bins = (x[:half] + 1j * x[half:])[low:high]
    # Of the lags, those from 0 on; the mean is taken away.
    products = signal.correlate(bins, bins)[len(bins) - 1 :]
    products[0] = 0
    wanted = np.zeros(int(number["wanted"]), dtype=complex)
    count = min(len(wanted), len(products))
    wanted[:count] = products[:count]
    return {"real": wanted.real, "imaginary": wanted.imag}


def comb():
    from scipy import ndimage

    sided = ndimage.convolve1d(x, [0.4] + [0] * 4 + [1] + [0] * 4 + [0.4], mode="constant")
    points = np.arange(len(x) // 4 * 4)
    weights = [[1], [0.8], [0.6], [0.5]]
    lines = np.array([sided[(m * points + 2) // 4] for m in (1, 2, 3, 4)]) * weights
    ordered = np.sort(lines, axis=0)
    alone = np.maximum(0, ordered[3] - 2 * ordered[2] - 0.3)
    limit = 3.5 * x[(points + 2) // 4] + 0.5
    return {"sided": sided, "comb": np.minimum(lines.sum(axis=0) - alone, limit)}


def stream():
    from scipy import signal, stats

    weight = number["weight"]
    total = signal.lfilter([1], [1, weight - 1], np.ones_like(x))
    mean = signal.lfilter([1], [1, weight - 1], x) / total
    square = signal.lfilter([1], [1, weight - 1], x**2) / total
    parts = [0.01, 0.25, 0.5, 0.9, 0.99]
    return {
        "recent": [mean[-1], square[-1] - mean[-1] ** 2],
        "moments": [x.mean(), x.var(), stats.skew(x), stats.kurtosis(x, fisher=False)],
        "quantiles": np.quantile(x, parts, method="inverted_cdf"),
    }


def functions():
    from scipy import special

    return {"exponential": np.exp(x), "logarithm": special.xlogy(1, np.abs(x))}


def moments():
    from scipy import stats

    return {
        "values": [
            x.mean(),
            x.var(),
            stats.skew(x),
            stats.kurtosis(x, fisher=False),
            np.sqrt((x**2).mean()),
            np.abs(x).max() / np.sqrt((x**2).mean()),
        ]
    }


def butterworth():
    from scipy import signal

    sections = signal.butter(
        int(number["order"]),
        number["cutoff"],
        "high" if number["high"] else "low",
        fs=number["rate"],
        output="sos",
    )
    return {"filtered": signal.sosfilt(sections, x)}


def decimation():
    from scipy import signal

    taps = np.asarray(question["taps"])
    return {"filtered": signal.upfirdn(taps, x, up=1, down=int(number["factor"]))}


def velocity():
    from scipy import signal

    spectrum = np.fft.rfft(x)
    hertz = np.fft.rfftfreq(len(x), 1 / number["rate"])
    band = (hertz >= 10) & (hertz <= 1000)
    spectrum[~band] = 0
    spectrum[band] /= 2j * np.pi * hertz[band]
    waveform = 1000 * np.fft.irfft(spectrum, len(x))
    _, density = signal.welch(x, fs=number["rate"], nperseg=len(x), window="hann")
    power = density[band] * (1000 / (2 * np.pi * hertz[band])) ** 2
    return {"waveform": waveform, "level": [np.sqrt(power.sum() * number["rate"] / len(x))]}


answer = globals()[question["task"]]()
with open(sys.argv[2], "w") as file:
    json.dump({name: np.asarray(values).tolist() for name, values in answer.items()}, file)
