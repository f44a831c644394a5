"""The servers that both tools run on: how each is started, who may ask, and what it holds.

A server has
    name, packages   what it is called, and what pip installs for it
    document         the path of its OpenAPI document; `document_name` is what assay's copy is called
    base             what its document puts before each path
    scheme           the security scheme of the document, `secrets` the credential of each account in it
    accounts         the headers by which each account asks; a single one without a name where the server asks nobody who they are
    access           what a line of its access log looks like, if it writes one
    command(folder)  how it is started in an empty folder, and its environment
    address(log)     where it is, once its log says so
    plant(send)      what is there before a tool comes, made by its main account, to see whether it outlasts the run
    inventory(read)  the things that an account is shown; `read` gives the JSON of a path
"""

import base64
import re
import socket


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Shop:
    name, document, document_name, base, access = "shop", "/openapi.yaml", "shop.yaml", "/v1", None
    scheme = "bearer"
    # The keys of the demonstration, as `assay serve --write-target` writes them.
    secrets = {"main": "a-token-of-the-shop", "neighbour": "a-token-of-the-neighbour"}
    accounts = {name: {"Authorization": f"Bearer {secret}"} for name, secret in secrets.items()}

    def __init__(self, assay, fault):
        self.assay, self.fault = assay, fault

    def command(self, folder):
        command = [self.assay, "serve", "--api", "shop", "--listen", "127.0.0.1:0", "--job-time", "100ms"]
        return command + (["--fault", self.fault] if self.fault else []), {}

    def address(self, log):
        found = re.search(r"shop at (http://\S+)/v1", log)
        return found and found[1]

    def plant(self, send):
        pass

    def inventory(self, read):
        products = list(self.products(read))
        for product in products:
            yield f"product {product}"
            yield from (f"picture {product} {one['id']}" for one in read(f"/v1/products/{product}/pictures"))
        yield from (f"order {one['id']}" for one in read("/v1/orders"))
        yield from (f"export {one['id']}" for one in read("/v1/exports"))

    @staticmethod
    def products(read):
        cursor, pages = None, set()
        # A fault may lead back to a page that was read already.
        while cursor not in pages:
            pages.add(cursor)
            page = read("/v1/products?limit=100" + (f"&cursor={cursor}" if cursor else ""))
            yield from (one["id"] for one in page["items"])
            cursor = page["next_cursor"]
            if cursor is None:
                return


class Todos:
    """A list of things to do: FastAPI and SQLite, without accounts."""

    name, packages = "todolist-fastapi", ["todolist-fastapi"]
    document, document_name, base = "/openapi.json", "todos.json", ""
    scheme, secrets, accounts = None, {}, {"": {}}
    access = r'^INFO: +[0-9.:]+ - "'

    def __init__(self, binaries):
        self.binaries = binaries

    def command(self, _):
        return [self.binaries / "uvicorn", "fastapi_todo_list.main:app", "--host", "127.0.0.1", "--port", "0"], {}

    def address(self, log):
        found = re.search(r"running on (http://[0-9.:]+)", log)
        return found and found[1]

    def plant(self, send):
        for title in ("milk", "bread"):
            send("POST", "/todos", {"title": title})

    def inventory(self, read):
        return [f"todo {one['id']}" for one in read("/todos/all")]


class Kinto:
    """Mozilla's store of JSON records in collections in buckets: Pyramid, in memory, with a Swagger 2.0 document."""

    name, packages = "kinto", ["kinto"]
    document, document_name, base, access = "/v1/__api__", "kinto.json", "/v1", None
    scheme = "basicauth"
    secrets = {"main": "main:secret", "neighbour": "neighbour:secret"}
    accounts = {
        name: {"Authorization": "Basic " + base64.b64encode(secret.encode()).decode()} for name, secret in secrets.items()
    }
    settings = """
[server:main]
use = egg:waitress#main
host = 127.0.0.1
port = {port}
[app:main]
use = egg:kinto
kinto.includes = kinto.plugins.default_bucket
kinto.storage_backend = kinto.core.storage.memory
kinto.cache_backend = kinto.core.cache.memory
kinto.permission_backend = kinto.core.permission.memory
kinto.userid_hmac_secret = of-no-use-elsewhere
kinto.default_bucket_hmac_secret = of-no-use-elsewhere
multiauth.policies = basicauth
"""

    def __init__(self, binaries):
        self.binaries = binaries

    def command(self, folder):
        port, settings = free_port(), folder / "kinto.ini"
        settings.write_text(self.settings.format(port=port))
        return [self.binaries / "kinto", "start", "--ini", settings, "--port", str(port)], {}

    def address(self, log):
        found = re.search(r"Serving on (http://[0-9.:]+)", log)
        return found and found[1]

    def plant(self, send):
        send("PUT", "/v1/buckets/keep", {})
        send("PUT", "/v1/buckets/keep/collections/keep", {})
        send("PUT", "/v1/buckets/keep/groups/keep", {"data": {"members": []}})
        send("PUT", "/v1/buckets/keep/collections/keep/records/keep", {"data": {"title": "milk"}})

    def inventory(self, read):
        for bucket in self.ids(read, "/v1/buckets"):
            yield f"bucket {bucket}"
            yield from (f"group {bucket} {group}" for group in self.ids(read, f"/v1/buckets/{bucket}/groups"))
            for collection in self.ids(read, f"/v1/buckets/{bucket}/collections"):
                yield f"collection {bucket} {collection}"
                records = self.ids(read, f"/v1/buckets/{bucket}/collections/{collection}/records")
                yield from (f"record {bucket} {collection} {record}" for record in records)

    @staticmethod
    def ids(read, path):
        return [one["id"] for one in read(path)["data"]]


SERVERS = [Todos, Kinto]
