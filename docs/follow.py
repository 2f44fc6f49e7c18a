"""Follows streams of an event, a room or oneself without loss: follow.py URL TOPIC[,TOPIC...], with a token in CONSE_TOKEN."""
import http.client
import os
import sys
import time
import urllib.error
import urllib.request


class Follower:
    def __init__(self, url, topics, token=None):
        self.url = f"{url}/stream?topics={topics}"
        self.token = token
        self.seen = None  # id of the newest message handled: store both together
        self.retry_s = 3.0

    def request(self):
        headers = {"Accept": "text/event-stream"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.seen:
            headers["Last-Event-ID"] = self.seen
        return urllib.request.Request(self.url, headers=headers)

    def messages(self, lines):
        """(event, data) of one connection. What it ends in the middle of is none."""
        fields = {}
        for line in lines:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name == "retry":
                self.retry_s = int(value) / 1000
            elif name:
                fields[name] = value
            else:
                message, fields = fields, {}
                # after a broken connection the last one may come again
                if "data" in message and (message["event"] != "entry" or message["id"] != self.seen):
                    yield message["event"], message["data"]
                self.seen = message.get("id", self.seen)

    def follow(self):
        """For ever; an HTTPError says that it may not be followed (any more)."""
        while True:
            try:
                # a head comes every 15 s; without one the line is dead
                with urllib.request.urlopen(self.request(), timeout=40) as lines:
                    yield from self.messages(lines)
            except urllib.error.HTTPError as error:
                if error.code < 500 and error.code != 429:
                    raise
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(self.retry_s)


if __name__ == "__main__":
    for event, data in Follower(*sys.argv[1:3], token=os.environ.get("CONSE_TOKEN")).follow():
        print(event, data, flush=True)
