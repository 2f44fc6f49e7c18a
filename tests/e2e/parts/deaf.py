"""A line on which packets are lost: deaf.py PORT PATH TOKEN. Says "follows" at the first message; from then on whatever comes is
dropped before its kernel confirms it, by a filter on the socket that takes nothing."""
import ctypes
import socket
import struct
import sys
import time

SO_ATTACH_FILTER = 26
port, path, token = sys.argv[1:]
line = socket.create_connection(("127.0.0.1", int(port)))
line.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
told = b""
while b"event: snapshot" not in told:
    told += line.recv(4096) or sys.exit("it ended")
nothing = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))  # BPF: return 0
line.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HxxxxxxP", 1, ctypes.addressof(nothing)))
print("follows", flush=True)
time.sleep(600)
