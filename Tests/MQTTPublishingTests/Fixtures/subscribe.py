"""Subscribes to everything, and prints each message as a line of JSON.

Usage: subscribe.py PORT CLIENT

The session is kept by the broker, so nothing is missed while this client reconnects.
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
    text = message.payload.decode("utf-8")
    say(
        event="message",
        topic=message.topic,
        retained=message.retain,
        id=json.loads(text).get("id", "") if text else "",
        payload=text,
    )


client = mqtt.Client(
    mqtt.CallbackAPIVersion.VERSION2, client_id=sys.argv[2], clean_session=False
)
client.on_connect = on_connect
client.on_subscribe = on_subscribe
client.on_message = on_message
client.reconnect_delay_set(min_delay=1, max_delay=1)
client.connect_async("127.0.0.1", int(sys.argv[1]), keepalive=20)
client.loop_forever(retry_first_connection=True)
