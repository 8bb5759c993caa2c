"""libpq: one SQL text on PostgreSQL and the rows that come back, by the library that the program uses, too.

A test asks dozens of times while it waits, so connections are kept for the next question. One that is lost by then,
because the test ended it or the server, is replaced without a word.
"""

import ctypes
import ctypes.util
import threading

OK, COMMAND_OK, TUPLES_OK = 0, 1, 2

library = ctypes.CDLL(ctypes.util.find_library("pq") or "libpq.so.5")
for name, result, parameters in (
    ("PQconnectdb", "p", "s"), ("PQfinish", None, "p"), ("PQstatus", "i", "p"), ("PQerrorMessage", "s", "p"),
    ("PQexec", "p", "ps"), ("PQresultStatus", "i", "p"), ("PQclear", None, "p"), ("PQntuples", "i", "p"),
    ("PQnfields", "i", "p"), ("PQfname", "s", "pi"), ("PQgetvalue", "s", "pii"),
):
    types = {"p": ctypes.c_void_p, "i": ctypes.c_int, "s": ctypes.c_char_p, None: None}
    function = getattr(library, name)
    function.restype, function.argtypes = types[result], [types[letter] for letter in parameters]


class Error(RuntimeError):
    """The server's words."""


def connect(url):
    connection = library.PQconnectdb(url.encode())
    if library.PQstatus(connection) != OK:
        said = library.PQerrorMessage(connection).decode()
        library.PQfinish(connection)
        raise Error(said)
    return connection


def rows_of(result):
    """A dict a row, all values as text; NULL is empty."""
    names = [library.PQfname(result, column).decode() for column in range(library.PQnfields(result))]
    return [
        {name: library.PQgetvalue(result, row, column).decode() for column, name in enumerate(names)}
        for row in range(library.PQntuples(result))
    ]


def run(connection, sql):
    result = library.PQexec(connection, sql.encode())
    try:
        if library.PQresultStatus(result) not in (COMMAND_OK, TUPLES_OK):
            raise Error(library.PQerrorMessage(connection).decode())
        return rows_of(result)
    finally:
        library.PQclear(result)


class Connections:
    """Of one cluster; any thread may ask."""

    def __init__(self):
        self.lock = threading.Lock()
        self.idle = {}  # URL: connections that nobody uses

    def ask(self, url, sql):
        with self.lock:
            kept = self.idle.setdefault(url, [])
            connection = kept.pop() if kept else None
        if connection is not None and not self.is_alive(connection):
            connection = None
        connection = connection or connect(url)
        try:
            rows = run(connection, sql)
        except Error:
            library.PQfinish(connection)
            raise
        with self.lock:
            self.idle.setdefault(url, []).append(connection)
        return rows

    @staticmethod
    def is_alive(connection):
        """An empty query is the shortest way to ask."""
        library.PQclear(library.PQexec(connection, b""))
        if library.PQstatus(connection) == OK:
            return True
        library.PQfinish(connection)
        return False

    def leave(self):
        """Nobody is connected any more, to any database."""
        with self.lock:
            kept, self.idle = self.idle, {}
        for connection in sum(kept.values(), []):
            library.PQfinish(connection)
