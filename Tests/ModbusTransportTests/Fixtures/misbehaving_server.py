"""A Modbus server that misbehaves on purpose, over TCP or on a pseudo-terminal.

    misbehaving_server.py tcp       prints the port it listens on
    misbehaving_server.py rtu PATH  links PATH to its terminal, prints "ready"

Each register holds its own address, each bit the parity of its address. What goes wrong
depends on the unit that is asked:

    1  nothing
    2  silent
    3  address 23 does not exist (exception 2)
    4  an answer that begins at 1000 comes 50 ms after a time-out of 200 ms
    5  an answer that begins at 1000 is cut off after 6 bytes
    6  an answer that begins at 1000 claims to come from unit 99
    7  an answer that begins at 1000 has a wrong checksum (RTU)
    8  address 1000 + N gives exception N
    9  1000: closes the connection; 1001: wrong transaction number (TCP)
   10  an answer that begins at 1000 has one register too few
   11  answers after 20 ms, as a slow bridge does
   12  an answer that begins at 1000 is followed by 40 bytes that nobody asked for

It ends when its standard input does.
"""

import os
import select
import socket
import struct
import sys
import threading
import time
import tty


def crc(data):
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
    return struct.pack("<H", value)


def answer(unit, pdu):
    """The answer to a request, with what to do about it: (pdu, delay)."""
    function, address, count = struct.unpack(">BHH", pdu)
    delay = 0.0
    if unit == 2:
        return None, 0.0
    if unit == 3 and address <= 23 < address + count:
        return bytes([function | 0x80, 2]), 0.0
    if unit == 8 and address > 1000:
        return bytes([function | 0x80, address - 1000]), 0.0
    if unit == 4 and address == 1000:
        delay = 0.25
    if unit == 11:
        delay = 0.02
    if unit == 10 and address == 1000:
        count -= 1
    if function in (1, 2):
        data = bytearray((count + 7) // 8)
        for bit in range(count):
            if bin(address + bit).count("1") % 2:
                data[bit // 8] |= 1 << bit % 8
        data = bytes(data)
    elif function in (3, 4):
        data = b"".join(struct.pack(">H", (address + n) & 0xFFFF) for n in range(count))
    else:
        return bytes([function | 0x80, 1]), 0.0
    return bytes([function, len(data)]) + data, delay


def serve_tcp_client(client):
    def receive(count):
        data = b""
        while len(data) < count:
            part = client.recv(count - len(data))
            if not part:
                raise ConnectionError
            data += part
        return data

    try:
        while True:
            transaction, _, length, unit = struct.unpack(">HHHB", receive(7))
            request = receive(length - 1)
            address = struct.unpack(">H", request[1:3])[0]
            if unit == 9 and address == 1000:
                client.close()
                return
            pdu, delay = answer(unit, request)
            if pdu is None:
                continue
            if unit == 9 and address == 1001:
                transaction ^= 0x5555
            frame = struct.pack(">HHHB", transaction, 0, len(pdu) + 1, unit) + pdu
            if unit == 5 and address == 1000:
                frame = frame[:6]
            if unit == 12 and address == 1000:
                frame += bytes(40)
            time.sleep(delay)
            client.sendall(frame)
    except (ConnectionError, OSError):
        client.close()


def serve_tcp():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(8)
    print(listener.getsockname()[1], flush=True)
    while True:
        client, _ = listener.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve_tcp_client, args=(client,), daemon=True).start()


def serve_rtu(path):
    master, slave = os.openpty()
    tty.setraw(master)
    tty.setraw(slave)
    if os.path.islink(path):
        os.unlink(path)
    os.symlink(os.ttyname(slave), path)
    # The terminal must not hang up while nobody else has it open.
    print("ready", flush=True)
    buffer = b""
    while True:
        timeout = 0.05 if buffer else None
        if not select.select([master], [], [], timeout)[0]:
            buffer = b""
            continue
        buffer += os.read(master, 512)
        if len(buffer) < 8:
            continue
        request, buffer = buffer[:8], b""
        if crc(request[:6]) != request[6:]:
            continue
        unit = request[0]
        address = struct.unpack(">H", request[2:4])[0]
        pdu, delay = answer(unit, request[1:6])
        if pdu is None:
            continue
        special = address == 1000
        frame = bytes([99 if unit == 6 and special else unit]) + pdu
        frame += crc(frame)
        if unit == 7 and special:
            frame = frame[:-1] + bytes([frame[-1] ^ 0xFF])
        if unit == 5 and special:
            frame = frame[:6]
        if unit == 12 and special:
            frame += bytes(40)
        time.sleep(delay)
        os.write(master, frame)


def end_with_parent():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_parent, daemon=True).start()
if sys.argv[1] == "tcp":
    serve_tcp()
else:
    serve_rtu(sys.argv[2])
