/// Changes to the good site file, each with everything that is said about it.
let wrongSites: [WrongFile] = [
  WrongFile(
    "drive end/temperature: { alert above: 80 °C, alarm above: 90 °C }",
    "drive end/hours: { alert above: 20000 h }",
    "site.yaml:17:7: 'pump-3' has no point 'drive end/hours' that is read; only measures and status words are read by themselves: name all points to read, this one too, in 'only' of 'drive end'"
  ),
  WrongFile(
    "machines:",
    "machines: {}\nmachine:",
    "site.yaml:6:11: 'machines' must name at least one machine; write for example 'machines: { pump-3: { kind: centrifugal pump, points: { … } } }'",
    "site.yaml:7:1: unknown key 'machine'; did you mean 'machines'?"
  ),
  WrongFile(
    "machines:",
    "extra: { deep: 1 }\nmachines:",
    "site.yaml:6:1: unknown key 'extra'; known keys: site, gateway, language, time zone, buses, machines, mqtt, store, alerts"
  ),
  WrongFile(
    "mounting: rigid",
    "mounting: rigid\n    severity: { alert above: 4 mm/s, alarm above: 3.9 mm/s, zone: C }",
    "site.yaml:11:38: the alarm above 3.9 mm/s comes before the alert above 4 mm/s; the alarm is the worse of the two: swap them",
    "site.yaml:11:61: unknown key 'zone'; known keys: alert above, alarm above"
  ),
  WrongFile(
    "device: acme/vibration",
    "device: ../acme/vibration",
    "site.yaml:13:28: there is no profile '../acme/vibration'; did you mean 'acme/vibration'?"
  ),
  WrongFile(
    "site: workshop\n",
    "",
    "site.yaml:1:1: 'site' is missing; add for example 'site: workshop-north'"
  ),
  WrongFile(
    "site: workshop",
    "site: work/shop",
    "site.yaml:1:7: the name 'work/shop' holds '/', which has a meaning of its own in topics; use letters, digits, spaces, '-', '_' and '.', at most 64 of them"
  ),
  WrongFile(
    "site: workshop",
    "site:",
    "site.yaml:1:1: 'site' has no value; write for example 'site: workshop-north'"
  ),
  WrongFile(
    "site: workshop",
    "site: [workshop]",
    "site.yaml:1:7: 'site' must be a single value; write for example 'site: workshop-north'"
  ),
  WrongFile(
    "gateway: gw-01",
    "gatewy: gw-01",
    "site.yaml:1:1: 'gateway' is missing; add for example 'gateway: gw-01'",
    "site.yaml:2:1: unknown key 'gatewy'; did you mean 'gateway'?"
  ),
  WrongFile(
    "gateway: gw-01",
    "gateway: gw-01\nlanguage: français",
    "site.yaml:3:11: 'language' cannot be 'français'; known are: en, fr"
  ),
  WrongFile(
    "gateway: gw-01",
    "gateway: gw-01\ntime zone: CET+1",
    "site.yaml:3:12: 'CET+1' is not the name of a time zone; write area and city, for example 'Europe/Paris', or 'UTC'"
  ),
  WrongFile(
    "gateway: gw-01",
    "gateway: gw-01\ngateway: gw-02",
    "site.yaml:2:1: key 'gateway' is given more than once; keep one of them and remove the others"
  ),
  WrongFile(
    "power: 11 kW",
    "power: 11 kW\n    power: 12 kW\n    power: 13 kW",
    "site.yaml:9:5: key 'power' is given more than once; keep one of them and remove the others",
    "site.yaml:10:5: key 'power' is given more than once; keep one of them and remove the others"
  ),
  WrongFile(
    "power: 11 kW",
    "power: 11",
    "site.yaml:9:12: 'power' needs a unit; write '11 kW' if that is meant"
  ),
  WrongFile(
    "power: 11 kW",
    "power: 7,5 kW",
    "site.yaml:9:12: 'power' has a decimal comma: '7,5 kW'; write '7.5 kW'"
  ),
  WrongFile(
    "power: 11 kW",
    "power: 11 KW",
    "site.yaml:9:12: 'power' cannot be in 'KW'; did you mean 'kW'?"
  ),
  WrongFile(
    "power: 11 kW",
    "power: 11 bar",
    "site.yaml:9:12: 'power' cannot be in 'bar'; units: kW, W, MW, hp, for example '11 kW'"
  ),
  WrongFile(
    "power: 11 kW",
    "power: eleven",
    "site.yaml:9:12: 'power' must be a number with a unit, not 'eleven'; write for example '11 kW'"
  ),
  WrongFile(
    "power: 11 kW",
    "power: 0 kW",
    "site.yaml:9:12: 'power' must be from 0.001 kW to 100000 kW, not 0 kW; write for example '11 kW'"
  ),
  WrongFile(
    "power: 11 kW",
    "\tpower: 11 kW",
    "site.yaml:9:5: not valid YAML: while scanning a plain scalar (line 8): found a tab character that violates indentation; indent with spaces; YAML forbids tabs"
  ),
  WrongFile(
    "power: 11 kW",
    "vites: 11 kW",
    "site.yaml:9:5: unknown key 'vites'; known keys: kind, power, mounting, speed, running, severity, remaining life, points, limits"
  ),
  WrongFile(
    "power: 11 kW",
    "<<: { power: 11 kW }",
    "site.yaml:9:5: unknown key '<<'; merge keys are not supported; write the keys out"
  ),
  WrongFile(
    "kind: centrifugal pump",
    "kind: centrifugal pmup",
    "site.yaml:8:11: 'kind' cannot be 'centrifugal pmup'; did you mean 'centrifugal pump'?"
  ),
  WrongFile(
    "kind: centrifugal pump\n    ",
    "",
    "site.yaml:7:3: 'kind' is missing in 'pump-3'; add for example 'kind: centrifugal pump'"
  ),
  WrongFile(
    "mounting: rigid",
    "mounting: \"rigid",
    "site.yaml:17:72: not valid YAML: while scanning a quoted scalar (line 10): found unexpected end of stream; indent all keys of one record alike, and close quotes, brackets and braces"
  ),
  WrongFile(
    "mounting: rigid",
    "severity: off",
    "site.yaml:10:15: 'severity' cannot be 'off'; write 'none', or for example 'severity: { alert above: 4.5 mm/s, alarm above: 7.1 mm/s }'"
  ),
  WrongFile(
    "mounting: rigid",
    "severity: { alert above: 7.1 mm/s, alarm above: 4.5 mm/s }",
    "site.yaml:10:40: the alarm above 4.5 mm/s comes before the alert above 7.1 mm/s; the alarm is the worse of the two: swap them"
  ),
  WrongFile(
    "mounting: rigid",
    "severity: { alert above: 7.1 mm/s }",
    "site.yaml:10:5: 'alarm above' is missing in 'severity'; add for example 'alarm above: 7.1 mm/s'"
  ),
  WrongFile(
    "parity: none",
    "parity: evn",
    "site.yaml:4:54: 'parity' cannot be 'evn'; did you mean 'even'?"
  ),
  WrongFile(
    "baud: 19200",
    "baud: 19201",
    "site.yaml:4:39: 'baud' cannot be 19201; known are: 300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600"
  ),
  WrongFile(
    "baud: 19200",
    "baud: \"19200\"",
    "site.yaml:4:39: 'baud' must be a whole number, not '19200'; remove the quotes"
  ),
  WrongFile(
    "baud: 19200",
    "baud: fast",
    "site.yaml:4:39: 'baud' must be a whole number, not 'fast'; write for example 'baud: 19200'"
  ),
  WrongFile(
    "baud: 19200, ",
    "",
    "site.yaml:4:3: 'baud' is missing in 'line-1'; add for example 'baud: 19200'"
  ),
  WrongFile(
    "port: /dev/ttyUSB0",
    "port: COM3",
    "site.yaml:4:19: 'COM3' is not the path of a serial port; write the whole path, for example '/dev/ttyUSB0'"
  ),
  WrongFile(
    "{ host: 192.168.10.21 }",
    "{ host: \"tcp://192.168.10.21\" }",
    "site.yaml:5:18: 'tcp://192.168.10.21' is not a host name or address; write only the name or address, without '://' and port"
  ),
  WrongFile(
    "{ host: 192.168.10.21 }",
    "{ host: 192.168.10.21, baud: 9600 }",
    "site.yaml:5:33: 'baud' is for a serial bus, but this one has a 'host'; remove 'baud', or replace 'host' by 'port: /dev/…'"
  ),
  WrongFile(
    "{ host: 192.168.10.21 }",
    "{ port: /dev/ttyUSB0, baud: 9600, parity: even }",
    "site.yaml:5:3: the bus 'press' has the port '/dev/ttyUSB0' of 'line-1' on line 4; a line has one set of settings and one master; put all its devices on one bus"
  ),
  WrongFile(
    "  press: {",
    "  LINE-1: {",
    "site.yaml:5:3: the bus 'LINE-1' has the name of 'line-1' on line 4, capitals aside; rename one of them",
    "site.yaml:14:42: there is no bus 'press'; known buses: line-1, LINE-1"
  ),
  WrongFile(
    "unit: 5",
    "unit: 0",
    "site.yaml:13:63: unit 0 cannot be asked on a serial line; write the device's number, from 1 to 247"
  ),
  WrongFile(
    "unit: 5",
    "unit: 300",
    "site.yaml:13:63: 'unit' must be from 0 to 255, not 300; write for example 'unit: 5'"
  ),
  WrongFile(
    "unit: 5",
    "unit: 05",
    "site.yaml:13:63: 'unit' must be a whole number, not '05'; remove the zero in front"
  ),
  WrongFile(
    "unit: 5, every: 1 s",
    "unit: 5, every: 1,5 s",
    "site.yaml:13:73: 'every' has a decimal comma: '1,5 s'; write '1.5 s'"
  ),
  WrongFile(
    "unit: 9",
    "unit: 250",
    "site.yaml:14:55: unit 250 cannot be asked over TCP; write a number from 1 to 247, or 255 or 0 for the endpoint itself"
  ),
  WrongFile(
    "bus: press, unit: 9",
    "bus: line-1, unit: 5",
    "site.yaml:14:56: unit 5 on 'line-1' is 'acme/meter' here and 'acme/vibration' on line 13; correct one of the unit numbers or profiles"
  ),
  WrongFile(
    "bus: line-1",
    "bus: line1",
    "site.yaml:13:49: there is no bus 'line1'; did you mean 'line-1'?"
  ),
  WrongFile(
    "device: acme/vibration",
    "device: acme/vibratoin",
    "site.yaml:13:28: there is no profile 'acme/vibratoin'; did you mean 'acme/vibration'?"
  ),
  WrongFile(
    "device: acme/vibration",
    "device: meter",
    "site.yaml:13:28: there is no profile 'meter'; did you mean 'acme/meter'?"
  ),
  WrongFile(
    "device: acme/vibration",
    "device: generic",
    "site.yaml:13:28: a generic device needs 'points'; add for example 'points: { temperature: { address: 0, unit: °C, quantity: temperature } }'"
  ),
  WrongFile(
    "device: acme/vibration",
    "device: acme/vibration, defaults: { type: u16 }",
    "site.yaml:13:44: 'defaults' is for 'device: generic'; here the profile acme/vibration says it; remove 'defaults', or write 'device: generic'"
  ),
  WrongFile(
    "every: 1 s }",
    "every: 50 ms }",
    "site.yaml:13:73: acme/vibration has new values only every 100 ms; write 'every: 100 ms' or longer"
  ),
  WrongFile(
    "every: 1 s }",
    "every: 1 s, only: [temprature] }",
    "site.yaml:13:85: acme/vibration has no point 'temprature'; did you mean 'temperature'?"
  ),
  WrongFile(
    "every: 1 s }",
    "every: 1 s, only: [velocity rms z] }",
    "site.yaml:17:7: 'pump-3' has no point 'drive end/temperature' that is read; add 'temperature' to 'only' of 'drive end'"
  ),
  WrongFile(
    "every: 1 s }",
    "every: 1 s, only: [temperature, temperature, serial number] }",
    "site.yaml:13:98: 'temperature' is named twice; remove one of them",
    "site.yaml:13:111: 'serial number' is a text, not a value that can be watched; remove it from 'only'"
  ),
  WrongFile(
    "supply/active power",
    "supply/activ power",
    "site.yaml:15:23: 'pump-3' has no point 'supply/activ power' that is read; did you mean 'supply/active power'?"
  ),
  WrongFile(
    "above: 0.5 kW",
    "above: 0.5 bar",
    "site.yaml:15:51: 'supply/active power' is in 'W', not in 'bar'; write '0.5 W' if that is meant"
  ),
  WrongFile(
    "above: 0.5 kW",
    "above: 0 kW",
    "site.yaml:15:51: a machine that stands still would count as running; write a value between standstill and idling"
  ),
  WrongFile(
    "drive end/temperature:",
    "temperature:",
    "site.yaml:17:7: 'temperature' does not name a point; write location and point, for example 'drive end/temperature'"
  ),
  WrongFile(
    "drive end/temperature:",
    "drive end/temp:",
    "site.yaml:17:7: 'pump-3' has no point 'drive end/temp' that is read; points that are read: drive end/velocity rms z, drive end/velocity rms x, drive end/temperature, supply/active power, supply/pressure"
  ),
  WrongFile(
    "alert above: 80 °C, alarm above: 90 °C",
    "alert above: 90 °C, alarm above: 80 °C",
    "site.yaml:17:52: the alarm above 80 comes before the alert above 90; the alarm is the worse of the two: swap them"
  ),
  WrongFile(
    "alert above: 80 °C, alarm above: 90 °C",
    "alarm above: 80 °C, alert below: 85 °C",
    "site.yaml:17:30: every value is below 85 or above 80; leave room between the limits for normal values"
  ),
  WrongFile(
    "alert above: 80 °C, alarm above: 90 °C",
    "alert below: 5 °C, alarm below: 6 °C",
    "site.yaml:17:51: the alarm below 6 comes before the alert below 5; the alarm is the worse of the two: swap them"
  ),
  WrongFile(
    "alert above: 80 °C, alarm above: 90 °C",
    "alert above: 80",
    "site.yaml:17:45: 'drive end/temperature' is in '°C', but this has no unit; write '80 °C' if that is meant"
  ),
  WrongFile(
    "alert above: 80 °C, alarm above: 90 °C",
    "alert above: 80 mm/s",
    "site.yaml:17:45: 'drive end/temperature' is in '°C', not in 'mm/s'; write '80 °C' if that is meant"
  ),
  WrongFile(
    "alert above: 80 °C, alarm above: 90 °C",
    "alert above: 80 °Celsius",
    "site.yaml:17:45: 'alert above' is in '°Celsius', an unknown unit; write for example '80 °C'"
  ),
  WrongFile(
    "alert above: 80 °C, alarm above: 90 °C",
    "alert above: 1e306 °C",
    "site.yaml:17:45: 'alert above' is 1e306 °C, which no machine shows; write for example '80 °C'"
  ),
  WrongFile(
    "alert above: 80 °C, alarm above: 90 °C",
    "alert above: 1e-310 °C",
    "site.yaml:17:45: 'alert above' is 1e-310 °C, which no machine shows; write for example '80 °C'"
  ),
  WrongFile(
    "alert above: 80 °C, alarm above: 90 °C",
    "alert above: 80,5 °C",
    "site.yaml:17:45: 'alert above' has a decimal comma: '80,5 °C'; write '80.5 °C'"
  ),
  WrongFile(
    "alert above: 80 °C, alarm above: 90 °C",
    "deadband: 2 °C",
    "site.yaml:17:7: 'drive end/temperature' has none of 'alert above', 'alarm above', 'alert below', 'alarm below'; add for example 'limits: { drive end/temperature: { alert above: 80 °C } }'"
  ),
  WrongFile(
    "alert above: 80 °C, alarm above: 90 °C",
    "alert above: 80 °C, deadband: -2 °C",
    "site.yaml:17:62: a deadband cannot be negative; write it without the sign"
  ),
  WrongFile(
    "alert above: 80 °C, alarm above: 90 °C",
    "alert above: 80 °C, while: runing",
    "site.yaml:17:59: 'while' cannot be 'runing'; did you mean 'running'?"
  ),
  WrongFile(
    "    running: { point: supply/active power, above: 0.5 kW }\n    limits:\n      drive end/temperature: { alert above: 80 °C",
    "    limits:\n      drive end/temperature: { while: running, alert above: 80 °C",
    "site.yaml:16:39: nothing tells whether this machine runs; add 'running: { point: …, above: … }' to the machine, or write 'while: always'"
  ),
  WrongFile(
    "machines:",
    "mqtt: { broker: localhost }\nmachines:",
    "site.yaml:6:17: 'localhost' is not the address of a broker; write 'mqtt://host:1883', or 'mqtts://host:8883' with encryption; user and password have keys of their own"
  ),
  WrongFile(
    "machines:",
    "mqtt: { broker: mqtt://localhost, ca: ca.pem }\nmachines:",
    "site.yaml:6:35: 'ca' is for an encrypted connection, but the broker is 'mqtt://'; write 'mqtts://', or remove 'ca'"
  ),
  WrongFile(
    "machines:",
    "mqtt: { broker: mqtts://localhost, key: key.pem }\nmachines:",
    "site.yaml:6:36: 'key' needs 'certificate' beside it; add 'certificate'"
  ),
  WrongFile(
    "machines:",
    "mqtt: { broker: mqtt://localhost, password: secret }\nmachines:",
    "site.yaml:6:35: a password must not stand in the site file; write it in a file that only vigie may read, and name that: 'password file: /etc/vigie/mqtt-password'"
  ),
  WrongFile(
    "machines:",
    "mqtt: { broker: mqtt://localhost, password file: pw }\nmachines:",
    "site.yaml:6:35: 'password file' needs 'user' beside it; add 'user'"
  ),
  WrongFile(
    "machines:",
    "mqtt: { broker: mqtt://localhost, formats: [json, xml] }\nmachines:",
    "site.yaml:6:51: 'formats' cannot be 'xml'; known are: json, sparkplug"
  ),
  WrongFile(
    "machines:",
    "mqtt: { broker: [mqtt://one, two], sparkplug: { group: a/b, primary host: 'x+', deadband: 50 % } }\nmachines:",
    "site.yaml:6:30: 'two' is not the address of a broker; write 'mqtt://host:1883', or 'mqtts://host:8883' with encryption; user and password have keys of their own",
    "site.yaml:6:56: the name 'a/b' holds '/', which has a meaning of its own in topics; use letters, digits, spaces, '-', '_' and '.', at most 64 of them",
    "site.yaml:6:75: the name 'x+' holds '+', which has a meaning of its own in topics; use letters, digits, spaces, '-', '_' and '.', at most 64 of them",
    "site.yaml:6:91: 'deadband' must be from 0 % to 20 %, not 50 %; write for example '0.5 %'"
  ),
  WrongFile(
    "machines:",
    "mqtt: { broker: mqtt://localhost, sparkplug: { node: n } }\nmachines:",
    "site.yaml:6:35: 'sparkplug' is described here, but 'formats' does not publish it; write 'formats: [json, sparkplug]', or remove 'sparkplug'"
  ),
  WrongFile(
    "machines:",
    "mqtt: { broker: mqtt://localhost, version: 4, commands: [stop] }\nmachines:",
    "site.yaml:6:44: 'version' cannot be 4; known are: 3, 5",
    "site.yaml:6:58: 'commands' cannot be 'stop'; known are: acknowledge, shelve, rebirth"
  ),
  WrongFile(
    "machines:",
    "store: { size: 2 Go, keep: 30 }\nmachines:",
    "site.yaml:6:16: 'size' cannot be in 'Go'; did you mean 'GB'?",
    "site.yaml:6:28: 'keep' needs a unit; write '30 days' if that is meant"
  ),
  WrongFile(
    "machines:",
    "---\nmachines:",
    "site.yaml:6:1: not valid YAML: expected a single document in the stream (line 1): but found another document; keep one document, without '---' lines"
  ),
  WrongFile(
    "machines:\n",
    "machines: *pumps\nold:\n",
    "site.yaml:6:11: not valid YAML: found undefined alias; put quotes around a text that begins with '*'"
  ),
  WrongFile(
    "machines:",
    "[a]: 1\nmachines:",
    "site.yaml:6:1: a key must be a word; put quotes around it if it holds braces or brackets"
  ),
  WrongFile(
    "line-1: {",
    "line-1: ",
    "site.yaml:4:16: not valid YAML: mapping values are not allowed in this context; indent all keys of one record alike, and put quotes around a text that holds ': '"
  ),
]

/// Changes to the good profile, each with everything that is said about it.
let wrongProfiles: [WrongFile] = [
  WrongFile(
    "schema: 1\n",
    "schema: 2\n",
    "vibration.yaml:1:9: 'schema' cannot be 2; known are: 1"
  ),
  WrongFile(
    "status: vendor document",
    "status: good",
    "vibration.yaml:5:9: 'status' cannot be 'good'; known are: vendor document, hardware tested, unverified"
  ),
  WrongFile(
    "sources: [ { title: Manual, confidence: A } ]",
    "sources: []",
    "vibration.yaml:6:10: 'sources' must have 1 or more entries, not 0; write for example 'sources: [ { title: User manual, confidence: A } ]'"
  ),
  WrongFile(
    "sources: [ { title: Manual, confidence: A } ]",
    "sources: [ { title: Manual } ]",
    "vibration.yaml:6:12: 'confidence' is missing in 'sources'; add for example 'confidence: A'"
  ),
  WrongFile(
    "registers: 20",
    "registers: 126",
    "vibration.yaml:7:24: 'registers' must be from 1 to 125, not 126; write for example 'registers: 50'"
  ),
  WrongFile(
    "registers: 20",
    "registers: 3",
    "vibration.yaml:13:3: 'serial number' needs 4 registers, but the device gives at most 3 in one request; correct the type, or 'registers' under 'requests'"
  ),
  WrongFile(
    "registers: 20",
    "holes: no",
    "vibration.yaml:7:20: 'holes' cannot be 'no'; write 'true' or 'false'"
  ),
  WrongFile(
    "registers: 20",
    "forbidden: [ { table: holding, from: 12, to: 9 } ]",
    "vibration.yaml:7:26: 'from' comes after 'to'; swap 12 and 9"
  ),
  WrongFile(
    "registers: 20",
    "forbidden: [ { table: holding, from: 2, to: 5 }, { table: holding, from: 5, to: 9 } ]",
    "vibration.yaml:7:62: this forbidden range overlaps that on line 7; join the two",
    "vibration.yaml:12:3: 'temperature' lies in the forbidden range 2 to 5; correct the address or the range"
  ),
  WrongFile(
    "response: 200 ms",
    "response: 0.2",
    "vibration.yaml:8:21: 'response' needs a unit; write '0.2 ms' if that is meant"
  ),
  WrongFile(
    "address: 1,",
    "address: 0,",
    "vibration.yaml:11:3: 'velocity rms x' shares the register 0 with 'velocity rms z' on line 10; correct the address or the type of one of them"
  ),
  WrongFile(
    "address: 1,",
    "address: 70000,",
    "vibration.yaml:11:30: 'address' must be from 0 to 65535, not 70000; write for example 'address: 5201'"
  ),
  WrongFile(
    "address: 14,",
    "address: 65535,",
    "vibration.yaml:14:3: 'hours' needs 2 registers and ends beyond address 65535; correct the address or the type"
  ),
  WrongFile(
    "address: 14,",
    "address: 13,",
    "vibration.yaml:14:3: 'hours' shares the register 13 with 'serial number' on line 13; correct the address or the type of one of them"
  ),
  WrongFile(
    "address: 2,",
    "address: 30003 -1,",
    "vibration.yaml:12:27: 'address' must be a whole number, not '30003 -1'; write for example 'address: 5201'"
  ),
  WrongFile(
    "type: s16",
    "type: int16",
    "vibration.yaml:12:36: 'type' cannot be 'int16'; known are: bit, u8 low, u8 high, u16, s16, u32, s32, u64, s64, f32, f64, text"
  ),
  WrongFile(
    "type: s16",
    "type: bit",
    "vibration.yaml:12:36: the type 'bit' is for the tables 'coil' and 'discrete'; name one of them, or write 'type: u16' with 'bits: { from: 0 }'"
  ),
  WrongFile(
    "type: s16",
    "type: text",
    "vibration.yaml:12:3: a text needs a length; add 'registers: 4' for eight characters"
  ),
  WrongFile(
    "type: s16",
    "table: coil, type: s16",
    "vibration.yaml:12:49: a point in the table 'coil' is one bit, not 's16'; remove the type, or name the table 'holding' or 'input'"
  ),
  WrongFile(
    "type: s16",
    "type: s16, registers: 2",
    "vibration.yaml:12:41: 'registers' is only for the type 'text'; remove it; the type 's16' says how wide the point is"
  ),
  WrongFile(
    "type: s16",
    "type: f32, bits: { from: 0 }",
    "vibration.yaml:12:47: 'bits' needs a whole number, not this type; remove 'bits', or write a type such as 'u16'"
  ),
  WrongFile(
    "type: s16",
    "bits: { from: 14, count: 3 }",
    "vibration.yaml:12:36: the bits 14 to 16 lie outside the 16 bits of the type; count bits from 0, the lowest"
  ),
  WrongFile(
    "type: s16",
    "order: ACBD",
    "vibration.yaml:12:37: 'order' cannot be 'ACBD'; did you mean 'ABCD'?"
  ),
  WrongFile(
    "scale: 0.01",
    "scale: 0",
    "vibration.yaml:12:48: a scale of 0 makes every value the same; write the step of one raw unit, for example 'scale: 0.1'"
  ),
  WrongFile(
    "scale: 0.01",
    "scale: 0,01",
    "vibration.yaml:12:48: 'scale' has a decimal comma: '0,01'; write '0.01'"
  ),
  WrongFile(
    "scale: 0.01",
    "scale: 0.01, two point: { raw: [0, 1], value: [0, 10] }",
    "vibration.yaml:12:54: 'scale' and 'two point' are two ways of scaling; keep one: 'scale' with 'offset', 'two point', or 'exponent register'"
  ),
  WrongFile(
    "scale: 0.01",
    "two point: { raw: [4, 4], value: [0, 10] }",
    "vibration.yaml:12:52: the two raw numbers are the same; give two points"
  ),
  WrongFile(
    "scale: 0.01",
    "two point: { raw: [4], value: [0, 10] }",
    "vibration.yaml:12:59: 'raw' must have 2 entries, not 1; write for example 'raw: [4000, 20000]'"
  ),
  WrongFile(
    "scale: 0.01",
    "exponent register: 40",
    "vibration.yaml:12:3: 'temperature' and its exponent register are 39 registers apart, but the device gives at most 20 in one request; correct the address of one of them"
  ),
  WrongFile(
    "scale: 0.01",
    "valid: [85, -40]",
    "vibration.yaml:12:48: 'valid' runs from 85 to -40; write the lower end first"
  ),
  WrongFile(
    "unit: °C",
    "unit: °c",
    "vibration.yaml:12:60: unknown unit '°c'; did you mean '°C'?"
  ),
  WrongFile(
    "quantity: temperature",
    "quantity: temprature",
    "vibration.yaml:12:74: 'quantity' cannot be 'temprature'; did you mean 'temperature'?"
  ),
  WrongFile(
    "quantity: temperature",
    "quantity: temperature, meanings: { on: 1 }",
    "vibration.yaml:12:99: 'on' does not name a value; write a whole number from -2147483648 to 4294967295"
  ),
  WrongFile(
    "velocity rms x:",
    "Velocity RMS Z:",
    "vibration.yaml:11:3: the point 'Velocity RMS Z' has the name of 'velocity rms z' on line 10, capitals aside; rename one of them"
  ),
  WrongFile(
    "axis: x",
    "axis: w",
    "vibration.yaml:11:89: 'axis' cannot be 'w'; did you mean 'x'?"
  ),
]
