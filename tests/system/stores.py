"""Stores as a test sees them from beside the program: rows, and whether something stands in them."""

import os
import pathlib
import re
import sqlite3
import subprocess

import libpq

POSTGRES_SH = pathlib.Path(__file__).resolve().parents[1] / "postgres.sh"


def held_in(file, words):
    """Those of the words (bytes) that the file has, read in parts."""
    overlap = max(map(len, words)) - 1
    found, before = set(), b""
    while part := file.read(1 << 24):
        found |= {word for word in words if word in before + part}
        before = part[-overlap:]
    return found


class Sqlite:
    name = "sqlite"

    def __init__(self, folder):
        self.path = pathlib.Path(folder) / "books.db"
        self.url = f"sqlite://{self.path}"

    def rows(self, sql):
        connection = sqlite3.connect(self.path, timeout=60)
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA query_only = 1")
            return [dict(row) for row in connection.execute(sql)]
        finally:
            connection.close()

    def hex(self, column):
        return f"lower(hex({column}))"

    def held(self, words):
        """Which of them stand in the store, however large it is."""
        found = set()
        for path in self.path.parent.glob("books.db*"):
            with open(path, "rb") as file:
                found |= held_in(file, words)
        return found

    def environment(self):
        return {}

    def drop(self):
        pass


class Postgres:
    name = "postgresql"

    def __init__(self, server, database, template=None):
        """A database of its own; empty, or a copy of another."""
        self.server = server
        self.database = database
        server.sql(f"CREATE DATABASE {database}" + (f" TEMPLATE {template} STRATEGY FILE_COPY" if template else ""))
        self.url = server.url(database)

    def rows(self, sql):
        return self.server.sql(sql, self.database)

    def hex(self, column):
        return f"encode({column}, 'hex')"

    def held(self, words):
        """Which of them stand in the store, however large it is: the server looks through every row of every table."""
        tables = self.rows(
            "SELECT oid::regclass AS name FROM pg_class WHERE relkind = 'r' AND relnamespace NOT IN"
            " ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)")
        if not tables:
            return set()
        texts = " UNION ALL ".join(f"SELECT whole_row::text AS said FROM {table['name']} whole_row" for table in tables)
        list_of_words = ", ".join("('" + word.decode().replace("'", "''") + "')" for word in words)
        found = self.rows(  # bytea as its own letters; OFFSET: a row is made text once, not once for each word
            "SET LOCAL bytea_output = 'escape';"
            f" SELECT DISTINCT word FROM (SELECT said FROM ({texts}) AS every OFFSET 0) AS row_of"
            f" JOIN (VALUES {list_of_words}) AS words (word) ON strpos(said, word) > 0")
        return {row["word"].encode() for row in found}

    def environment(self):
        return self.server.environment()

    def drop(self):
        self.server.sql(f"DROP DATABASE {self.database} WITH (FORCE)")


class PostgresServer:
    """A cluster somebody else started; `base` is the URL of one of its databases."""

    def __init__(self, base):
        self.base = base
        self.connections = libpq.Connections()

    def url(self, database):
        match = re.fullmatch(r"(postgresql://[^/]*/)([^?]*)(\?.*)?", self.base)
        return match[1] + database + (match[3] or "")

    @staticmethod
    def tool(name):
        for folder in sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
            if (folder / name).exists():
                return str(folder / name)
        return name

    @staticmethod
    def environment():
        return dict(os.environ, PGCONNECT_TIMEOUT="10")

    def sql(self, sql, database="postgres"):
        """The rows of the last statement. What is done to a database as a whole wants nobody else in it."""
        if " DATABASE " in sql:
            self.connections.leave()
        return [{name: number_or_text(value) for name, value in row.items()}
                for row in self.connections.ask(self.url(database), sql)]


class OwnCluster(PostgresServer):
    """A cluster of one test's own, which it may stop and start."""

    def __init__(self):
        done = subprocess.run([POSTGRES_SH, "start"], stdout=subprocess.PIPE, check=True, text=True)
        super().__init__(done.stdout.strip())
        self.data = pathlib.Path(self.base.split("host=")[1]).parent / "data"

    def control(self, *words):
        """pg_ctl, as the user the data belong to."""
        command = [self.tool("pg_ctl"), "--pgdata", str(self.data), "--wait", "--log", str(self.data / "server.log")]
        owner = self.data.stat()
        if os.geteuid() == 0:
            setpriv = ["setpriv", "--reuid", str(owner.st_uid), "--regid", str(owner.st_gid), "--clear-groups"]
            command = setpriv + command
        subprocess.run(command + list(words), check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd="/")

    def end(self):
        subprocess.run([POSTGRES_SH, "stop", self.base], check=True, stdin=subprocess.DEVNULL)


def number_or_text(value):
    return int(value) if re.fullmatch(r"-?\d{1,18}", value) else value
