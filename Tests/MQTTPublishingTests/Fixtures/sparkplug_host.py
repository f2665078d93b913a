"""An independent Sparkplug host (pysparkplug): prints each message as a line of JSON.

Usage: sparkplug_host.py PORT HOST [listen]

Prints {"event": "ready"} when it is subscribed. Reads commands from standard input, one a line:
`online MILLISECONDS`, `offline MILLISECONDS` publish its STATE, `rebirth GROUP NODE` asks for births,
`command GROUP NODE JSON` asks for something else, `raw TOPIC HEX` publishes bytes. With `listen` it
goes on when standard input ends.
"""

import json
import sys
import threading
import time

import paho.mqtt.client as mqtt
from paho.mqtt.subscribeoptions import SubscribeOptions
import pysparkplug as psp
from pysparkplug import _protobuf as protobuf

births = {}
lock = threading.Lock()


def say(**fields):
    with lock:
        print(json.dumps(fields), flush=True)


def properties(metric):
    found = {}
    for key, value in zip(metric.properties.keys, metric.properties.values):
        found[key] = getattr(value, value.WhichOneof("value"))
    return found


def on_message(client, context, message):
    topic = psp.Topic.from_str(message.topic)
    kind = str(topic.message_type.value if hasattr(topic.message_type, "value") else topic.message_type)
    if kind in ("STATE", "NCMD", "DCMD"):
        return
    key = (topic.group_id, topic.edge_node_id, topic.device_id)
    raw = protobuf.Payload.FromString(message.payload)
    decoded = psp.Message.from_mqtt_message(message, birth=births.get(key))
    if kind in ("NBIRTH", "DBIRTH"):
        births[key] = decoded.payload
    metrics = []
    values = getattr(decoded.payload, "metrics", ())
    if kind == "NDEATH":
        values = (decoded.payload.bd_seq_metric,)
    for value, metric in zip(values, raw.metrics):
        metrics.append(
            {
                "name": value.name,
                "value": value.value,
                "type": int(value.datatype),
                "null": metric.is_null,
                "historical": metric.is_historical,
                "timestamp": metric.timestamp,
                "has_name": metric.HasField("name"),
                "has_alias": metric.HasField("alias"),
                "has_type": metric.HasField("datatype"),
                "properties": properties(metric),
            }
        )
    say(
        event="message",
        topic=message.topic,
        kind=kind,
        device=topic.device_id,
        qos=message.qos,
        retained=message.retain,
        seq=raw.seq if raw.HasField("seq") else None,
        timestamp=raw.timestamp,
        metrics=metrics,
    )


def on_connect(client, context, flags, code, properties):
    # So that each message shows the quality of service and the flag that its publisher gave it.
    client.subscribe("spBv1.0/#", options=SubscribeOptions(qos=2, retainAsPublished=True))


def on_subscribe(client, context, number, codes, properties):
    say(event="ready")


client = mqtt.Client(client_id="host-" + sys.argv[2], protocol=mqtt.MQTTv5)
client.on_connect = on_connect
client.on_subscribe = on_subscribe
client.on_message = on_message
client.connect("127.0.0.1", int(sys.argv[1]), keepalive=20)
client.loop_start()



def command(group, node, name, datatype, value):
    now = int(time.time() * 1000)
    metric = psp.Metric(timestamp=now, name=name, datatype=datatype, value=value)
    topic = psp.Topic(group_id=group, message_type=psp.MessageType.NCMD, edge_node_id=node)
    message = psp.NCmd(timestamp=now, metrics=(metric,))
    client.publish(str(topic), message.encode(include_dtypes=True), qos=0)


for line in sys.stdin:
    words = line.split(maxsplit=3)
    if words[0] in ("online", "offline"):
        state = psp.State(timestamp=int(words[1]), online=words[0] == "online")
        topic = psp.Topic(message_type=psp.MessageType.STATE, sparkplug_host_id=sys.argv[2])
        client.publish(str(topic), state.encode(), qos=1, retain=True)
    elif words[0] == "rebirth":
        command(words[1], words[2], "Node Control/Rebirth", psp.DataType.BOOLEAN, True)
    elif words[0] == "command":
        command(words[1], words[2], "Node Control/Command", psp.DataType.STRING, words[3].strip())
    elif words[0] == "raw":
        client.publish(words[1], bytes.fromhex(words[2]) if len(words) > 2 else b"", qos=1)

if "listen" in sys.argv:
    threading.Event().wait()
