"""A server of pymodbus: each holding register holds its address, each input register 1000 more.

    reference_server.py tcp PORT
    reference_server.py rtu PATH

Prints "ready" once it serves. A pseudo-terminal knows no parity, so none is set. Coils and discrete inputs hold 1 at addresses that 3 divides.
"""

import asyncio
import sys

from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

bits = [n % 3 == 0 for n in range(256)]
device = SimDevice(
    id=1,
    simdata=(
        [SimData(0, values=list(bits), datatype=DataType.BITS)],
        [SimData(0, values=list(bits), datatype=DataType.BITS)],
        [SimData(0, values=list(range(200)), datatype=DataType.REGISTERS)],
        [SimData(0, values=list(range(1000, 1200)), datatype=DataType.REGISTERS)],
    ),
)


async def main():
    if sys.argv[1] == "tcp":
        server = ModbusTcpServer(device, address=("127.0.0.1", int(sys.argv[2])))
    else:
        server = ModbusSerialServer(device, port=sys.argv[2], baudrate=19200)
    serving = asyncio.create_task(server.serve_forever(background=True))
    await serving
    print("ready", flush=True)
    # Ends with whoever started it.
    await asyncio.to_thread(sys.stdin.read)


asyncio.run(main())
