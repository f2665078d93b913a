"""Serves holding registers of unit 1 with pymodbus, until it is killed.

    modbus_server.py tcp PORT ADDRESS=WORD,WORD,... ...
    modbus_server.py rtu PATH ADDRESS=WORD,WORD,... ...

Every other address is answered with exception 2. Prints "ready" once it serves.
"""

import asyncio
import sys

from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

kind, place, *blocks = sys.argv[1:]
registers = []
for block in blocks:
    address, words = block.split("=")
    registers.append(
        SimData(
            int(address),
            values=[int(word) for word in words.split(",")],
            datatype=DataType.REGISTERS,
        )
    )
device = SimDevice(id=1, simdata=registers)


async def main():
    if kind == "tcp":
        server = ModbusTcpServer(device, address=("127.0.0.1", int(place)))
    else:
        server = ModbusSerialServer(device, port=place, baudrate=19200)
    await server.serve_forever(background=True)
    print("ready", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
