"""Answers one question from numpy and scipy: reads JSON from a file, writes JSON to another.

Each function imports only what it needs, for scipy takes long to load.
"""

import json
import sys

import numpy as np

with open(sys.argv[1]) as file:
    question = json.load(file)

x = np.asarray(question["signal"], dtype=np.float64)
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
    starts = range(0, len(x) - length + 1, hop)
    frames = np.array([np.fft.rfft(x[start : start + length] * window) for start in starts])
    power = np.abs(frames) ** 2
    kurtosis = (power**2).mean(axis=0) / power.mean(axis=0) ** 2 - 2
    return {"last real": frames[-1].real, "last imaginary": frames[-1].imag, "kurtosis": kurtosis}


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
