"""Subscribes to all that an agent says, and prints each message as a line of JSON.

    subscribe.py PORT

Prints {"event": "ready"} whenever the broker has taken the subscription.
"""

import json
import sys

import paho.mqtt.client as mqtt


def say(**fields):
    print(json.dumps(fields), flush=True)


def on_connect(client, context, flags, code, properties):
    client.subscribe("vigie/#", qos=1)


def on_subscribe(client, context, number, codes, properties):
    say(event="ready")


def on_message(client, context, message):
    say(
        event="message",
        topic=message.topic,
        retained=message.retain,
        payload=message.payload.decode("utf-8"),
    )


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
client.on_connect = on_connect
client.on_subscribe = on_subscribe
client.on_message = on_message
client.reconnect_delay_set(min_delay=0.1, max_delay=0.2)
client.connect_async("127.0.0.1", int(sys.argv[1]), keepalive=20)
client.loop_forever(retry_first_connection=True)
