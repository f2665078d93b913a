"""A Modbus client of another make. Each argument after the line is one step; each prints one line of JSON.

client.py tcp HOST PORT STEP...
client.py rtu PORT BAUD PARITY STEP...
steps: read:UNIT:FUNCTION:ADDRESS:COUNT   write:UNIT:FUNCTION:ADDRESS
       open:PARITY (opens the serial port as a program that never sets it back)
"""
import json
import sys
import time

import serial
from pymodbus.client import ModbusSerialClient, ModbusTcpClient
from pymodbus.exceptions import ModbusException

arguments = sys.argv[1:]
if arguments[0] == "tcp":
    client = ModbusTcpClient(arguments[1], port=int(arguments[2]), timeout=2, retries=0)
    steps = arguments[3:]
else:
    client = ModbusSerialClient(
        arguments[1], baudrate=int(arguments[2]), parity=arguments[3], timeout=2, retries=0
    )
    steps = arguments[4:]

readers = {
    1: "read_coils", 2: "read_discrete_inputs", 3: "read_holding_registers", 4: "read_input_registers",
}
writers = {
    5: ("write_coil", True), 6: ("write_register", 1), 15: ("write_coils", [True]),
    16: ("write_registers", [1]),
}

for step in steps:
    action, *numbers = step.split(":")
    if action == "open":
        begin = time.monotonic()
        serial.Serial(arguments[1], int(arguments[2]), parity=numbers[0]).close()
        print(json.dumps({"seconds": time.monotonic() - begin}), flush=True)
        continue
    unit, function, address = (int(number) for number in numbers[:3])
    client.connect()
    begin = time.monotonic()
    try:
        if action == "read":
            method = getattr(client, readers[function])
            answer = method(address, count=int(numbers[3]), device_id=unit)
        else:
            name, value = writers[function]
            answer = getattr(client, name)(address, value, device_id=unit)
        if answer.isError():
            result = {"exception": answer.exception_code}
        else:
            result = {"registers": answer.registers}
    except ModbusException as error:
        result = {"error": str(error)}
        client.close()
    result["seconds"] = time.monotonic() - begin
    print(json.dumps(result), flush=True)
client.close()
