"""A server that runs in this process, requests to it, and a workspace that waits to be let go."""

import http.client
import json
import threading
import time
from contextlib import contextmanager

from kpisdk_web.server.application import application
from kpisdk_web.server.computations import Computations
from kpisdk_web.server.running import Exposure, listening, server_of

IDS = ("SHOP-001", "SHOP-002", "SHOP-003", "SHOP-004", "POST-001", "POST-002")


class Client:
    """Requests to a server that runs in this process."""

    def __init__(self, port):
        self.port = port

    def ask(self, path, method="GET", body=None, **headers):
        """Status, headers and body."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            told = {name.replace("_", "-"): value for name, value in headers.items()}
            line.request(method, path, body, told)
            answer = line.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            line.close()

    def json(self, path, **headers):
        """Status and document."""
        status, _, text = self.ask(path, **headers)
        return status, json.loads(text)


@contextmanager
def running(workspace, exposure=None, **limits):
    """A server on a free port of loopback."""
    found = exposure or Exposure()
    app = application(workspace, found.admission(), Computations(**limits), IDS)
    line = listening("127.0.0.1", 0)
    server = server_of(app, found)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [line]})
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield Client(line.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(30)
        line.close()


class Slow:
    """A workspace whose computations wait until they are let go, and are counted."""

    def __init__(self, workspace):
        self.settings, self.registry = workspace.settings, workspace.registry
        self._inner = workspace
        self.go = threading.Event()
        self.asked = []

    def compute(self, *ids, **arguments):
        self.asked.append(ids)
        assert self.go.wait(60)
        return self._inner.compute(*ids, **arguments)
