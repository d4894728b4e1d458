#!/usr/bin/env python3
"""Two instances with spools at one PostgreSQL; people opt out by one-click POSTs while instances are killed (SIGKILL) and
started again and the database is stopped and started again. A log of its own, forced to disk, remembers every acknowledged
opt-out. At the end each must be in the register, and no check that began after an acknowledgement may have said "eligible".

optouts.py BINARY CHECKOUT DIR [--people N] [--kills N] [--stops N] [--connections N] [--seed N]
"""
import argparse
import http.client
import json
import os
import queue
import random
import signal
import socket
import subprocess
import sys
import threading
import time

SILENCE_SECONDS_MAX = 20  # of one request; longer than an opt-out may wait
PATIENCE_SECONDS_MAX = 240  # for one person's opt-out, or for everything to be well again at the end
DOWN_SECONDS = (5.5, 9.0)  # how long the database is away: longer than a lease, so that the spools fill


def parse():
    parser = argparse.ArgumentParser()
    for name in ("binary", "checkout", "folder"):
        parser.add_argument(name)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--stops", type=int, default=5)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    return parser.parse_args()


options = parse()
chance = random.Random(options.seed)


def say(text):
    print(text, file=sys.stderr, flush=True)


class Database:
    """The cluster, by the script that makes it."""

    def __init__(self, script, folder):
        self.script, self.folder = script, folder
        self.url = self._run("start", "maysend")

    def _run(self, verb, *more):
        done = subprocess.run([self.script, verb, self.folder, *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode:
            raise SystemExit(f"cluster.sh {verb} failed: {done.stderr.decode()}")
        return done.stdout.decode().strip()

    def start(self):
        self._run("start")

    def stop(self, how):
        if how == "immediate":
            with open(f"{self.folder}/data/postmaster.pid") as file:
                os.kill(int(file.readline()), signal.SIGQUIT)
            while subprocess.run([self.script, "status", self.folder], stderr=subprocess.DEVNULL).returncode == 0:
                time.sleep(0.02)
        else:
            self._run({"fast": "stop", "crash": "kill"}[how])

    def end(self):
        self._run("stop")


class Instance:
    """A `maysend serve` that is started again on the same port with the same spool."""

    def __init__(self, name, settings):
        self.name = name
        self.port = free_port()
        spool = f"{options.folder}/spool-{name}"
        self.settings = {**settings, "MAYSEND_PORT": str(self.port), "MAYSEND_SPOOL": spool}
        self.log = open(f"{options.folder}/{name}.log", "ab")
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [options.binary, "serve"], env=self.settings, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=self.log)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self):
        self.process.terminate()
        return self.process.wait()

    def spooled(self):
        """Bytes of opt-outs on its disk."""
        try:
            return max(os.stat(f"{self.settings['MAYSEND_SPOOL']}/opt-outs").st_size - 16, 0)
        except OSError:
            return 0


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Wire:
    """A connection to an instance that stays open as long as it can."""

    def __init__(self, port):
        self.port, self.connection = port, None

    def ask(self, method, path, body, headers):
        """Status, body; (0, b"") where there was no answer."""
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SILENCE_SECONDS_MAX)
                self.connection.connect()
                self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            if self.connection is not None:
                self.connection.close()
            self.connection = None
            return 0, b""


class Log:
    """Every acknowledged opt-out, on the disk before anything is made of it."""

    def __init__(self, path):
        self.path, self.waiting = path, queue.Queue()
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        threading.Thread(target=self._write, daemon=True).start()

    def add(self, person):
        done = threading.Event()
        self.waiting.put((person, done))
        done.wait()

    def _write(self):
        while True:
            some = [self.waiting.get()]
            while not self.waiting.empty():
                some.append(self.waiting.get())
            os.write(self.file, b"".join(b"%d\n" % person for person, _ in some))
            os.fdatasync(self.file)
            for _, done in some:
                done.set()

    def people(self):
        with open(self.path) as file:
            return [int(line) for line in file]


class Run:
    def __init__(self, database, instances, key):
        self.database, self.instances, self.key = database, instances, key
        self.log = Log(f"{options.folder}/acknowledged")
        self.todo = queue.Queue()
        self.lock = threading.Lock()
        self.paths = {}
        self.acknowledged = []  # people, in order
        self.counts = dict.fromkeys(
            ("tries", "refused", "broken", "checks", "answered", "unknown", "stale", "wrong", "given-up"), 0)
        self.stale = []
        self.refused = {}
        self.is_over = threading.Event()
        self.spooled_most = 0

    def count(self, what, by=1):
        with self.lock:
            self.counts[what] += by

    # Checks

    def check(self, wires, person, of):
        """Whether the message may go; None where the instance does not know."""
        body = json.dumps({"address": address(person), "purpose": "newsletter"})
        status, text = wires[of].ask("POST", "/v1/eligibility", body, {
            "Authorization": f"Bearer {self.key}", "Content-Type": "application/json"})
        return json.loads(text) if status == 200 else None

    def check_after(self, wires, person, of, acknowledged):
        began = time.monotonic()
        verdict = self.check(wires, person, of)
        self.count("checks")
        if verdict is None:
            return self.count("unknown")
        self.count("answered")
        if verdict["eligible"]:
            self.count("stale")
            self.stale.append(f"person {person} on {self.instances[of].name}, "
                              f"{(began - acknowledged) * 1e3:.1f} ms after the acknowledgement")

    def wires(self):
        return [Wire(instance.port) for instance in self.instances]

    # Before

    def prepare(self):
        """Everybody is eligible, by the word of the service, which hands out the link."""
        people = queue.Queue()
        for person in range(options.people):
            people.put(person)
        faults = []

        def work():
            wires = self.wires()
            while True:
                try:
                    person = people.get_nowait()
                except queue.Empty:
                    return
                end = time.monotonic() + PATIENCE_SECONDS_MAX
                verdict = None
                while verdict is None and time.monotonic() < end:
                    verdict = self.check(wires, person, person % len(wires))
                if not verdict or not verdict["eligible"] or "headers" not in verdict:
                    faults.append(f"person {person}: {verdict}")
                    return
                uri = verdict["headers"]["List-Unsubscribe"].split(">")[0].lstrip("<")
                self.paths[person] = "/" + uri.split("/", 3)[3]

        self.threads(work, 16)
        if faults:
            raise SystemExit(f"not everybody is eligible with a link at the beginning: {faults[0]}")

    def threads(self, work, count):
        threads = [threading.Thread(target=work) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    # The storm

    def opt_out(self):
        wires = self.wires()
        luck = random.Random(chance.random())
        while True:
            try:
                person = self.todo.get_nowait()
            except queue.Empty:
                return
            end = time.monotonic() + PATIENCE_SECONDS_MAX
            while True:
                of = luck.randrange(len(wires))
                self.count("tries")
                status, text = wires[of].ask("POST", self.paths[person], "List-Unsubscribe=One-Click", {
                    "Content-Type": "application/x-www-form-urlencoded"})
                acknowledged = time.monotonic()
                if status == 200:
                    break
                self.count("refused" if status else "broken")
                if status:
                    with self.lock:
                        self.refused[status] = self.refused.get(status, 0) + 1
                if time.monotonic() > end:
                    self.count("given-up")
                    break
                time.sleep(0.05)
            if status != 200:
                continue
            for of in luck.sample(range(len(wires)), len(wires)):
                self.check_after(wires, person, of, acknowledged)
            self.log.add(person)
            with self.lock:
                self.acknowledged.append((person, acknowledged))

    def watch(self):
        """Asks after people who have opted out, all the time, on every instance."""
        wires = self.wires()
        luck = random.Random(chance.random())
        while not self.is_over.is_set():
            with self.lock:
                recent = self.acknowledged[-200:]
            if recent:
                person, acknowledged = luck.choice(recent)
                self.check_after(wires, person, luck.randrange(len(wires)), acknowledged)
            time.sleep(0.005)

    def strike(self):
        """Kills and stops, each when so many more have opted out; some kills while the database is away."""
        strikes = ["stop"] * options.stops + ["kill"] * max(options.kills - options.stops, 0)
        chance.shuffle(strikes)
        kills_left = options.kills
        stops = 0
        for number, strike in enumerate(strikes):
            self.wait_for(options.people * (number + 1) // (len(strikes) + 1))
            if strike == "kill":
                kills_left -= 1
                self.kill_one(chance.choice(self.instances), chance.uniform(0, 0.5))
                continue
            how = ("fast", "immediate", "crash")[stops % 3]
            stops += 1
            self.database.stop(how)
            end = time.monotonic() + chance.uniform(*DOWN_SECONDS)
            # Once something is on a disk, the one that has it dies.
            while time.monotonic() < end and not any(instance.spooled() for instance in self.instances):
                time.sleep(0.02)
            if kills_left > 0:
                kills_left -= 1
                time.sleep(0.2)
                self.note_spooled()
                self.kill_one(max(self.instances, key=Instance.spooled), 0)
            while time.monotonic() < end:
                self.note_spooled()
                time.sleep(0.05)
            self.database.start()
            say(f"    the database was stopped ({how}) and is back; {len(self.acknowledged)} have opted out")
        return options.kills - kills_left, stops

    def note_spooled(self):
        self.spooled_most = max(self.spooled_most, sum(instance.spooled() for instance in self.instances))

    def wait_for(self, count):
        end = time.monotonic() + PATIENCE_SECONDS_MAX
        while len(self.acknowledged) < count and time.monotonic() < end and not self.todo.empty():
            time.sleep(0.01)

    def kill_one(self, instance, pause):
        instance.kill()
        time.sleep(pause)
        instance.start()

    # After

    def settle(self):
        """Until every instance answers checks again; seconds that it took."""
        began = time.monotonic()
        wires = self.wires()
        for of in range(len(wires)):
            while self.check(wires, 0, of) is None:
                if self.instances[of].process.poll() is not None:
                    raise SystemExit(f"{self.instances[of].name} has ended; its log says why")
                if time.monotonic() - began > PATIENCE_SECONDS_MAX:
                    raise SystemExit(f"{self.instances[of].name} answers no check at the end")
                time.sleep(0.1)
        return time.monotonic() - began

    def lost(self):
        """Those in the log who are not in the register, or are eligible at the end."""
        people = queue.Queue()
        for person in self.log.people():
            people.put(person)
        lost, eligible, entries = [], [], []

        def work():
            wires = self.wires()
            while True:
                try:
                    person = people.get_nowait()
                except queue.Empty:
                    return
                status, text = wires[person % 2].ask(
                    "POST", "/v1/register/lookup", json.dumps({"address": address(person)}),
                    {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"})
                found = json.loads(text).get("entries", []) if status == 200 else []
                entries.append(len(found))
                if not found:
                    lost.append(person)
                for of in range(len(wires)):
                    verdict = self.check(wires, person, of)
                    if verdict is None or verdict["eligible"]:
                        eligible.append(person)

        self.threads(work, 8)
        return lost, eligible, sum(count - 1 for count in entries if count > 1)


def address(person):
    return f"p{person}@firma.example"


def maysend(settings, *arguments):
    done = subprocess.run([options.binary, *arguments], env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        raise SystemExit(f"maysend {arguments[0]} ended with {done.returncode}: {done.stderr.decode()}")
    return done.stdout.decode().strip()


def prepare_site(database):
    settings = {
        "PATH": "/usr/bin:/bin", "MAYSEND_DATABASE_URL": database.url, "MAYSEND_LOG_LEVEL": "notice",
        "MAYSEND_PEPPER_FILE": f"{options.folder}/pepper", "MAYSEND_LINK_KEYS": f"{options.folder}/link-keys",
        "MAYSEND_PUBLIC_URL": "https://opt.firma.example", "MAYSEND_SQL": f"{options.checkout}/sql",
        "MAYSEND_TEXTS": f"{options.checkout}/deploy/texts",
    }
    maysend(settings, "pepper", "create", settings["MAYSEND_PEPPER_FILE"])
    maysend(settings, "key", "rotate-links", "--first")
    maysend(settings, "migrate")
    maysend(settings, "policy", "apply", f"{options.checkout}/deploy/policies/stratsys.yaml")
    key = maysend(settings, "key", "create", "--controller", "stratsys-ab", "--name", "storm",
                  "--scope", "check", "--scope", "write")
    leads = f"{options.folder}/leads.csv"
    with open(leads, "w") as file:
        file.write("email\n" + "".join(address(person) + "\n" for person in range(options.people)))
    maysend(settings, "import", leads, "--source", "fair", "--collected-at", time.strftime("%Y-%m-%d", time.gmtime()))
    return settings, key


def main():
    os.makedirs(options.folder, exist_ok=True)
    database = Database(f"{options.checkout}/deploy/dev/cluster.sh", f"{options.folder}/cluster")
    instances = []
    try:
        settings, key = prepare_site(database)
        instances += [Instance(name, settings) for name in ("north", "south")]
        run = Run(database, instances, key)
        run.settle()
        run.prepare()
        say(f"    everybody is eligible; the storm begins (seed {options.seed})")
        for person in chance.sample(range(options.people), options.people):
            run.todo.put(person)
        began = time.monotonic()
        watchers = [threading.Thread(target=run.watch) for _ in range(2)]
        writers = [threading.Thread(target=run.opt_out) for _ in range(options.connections)]
        for thread in watchers + writers:
            thread.start()
        kills, stops = run.strike()
        for thread in writers:
            thread.join()
        seconds = time.monotonic() - began
        settling = run.settle()
        run.is_over.set()
        for thread in watchers:
            thread.join()
        lost, eligible, twice = run.lost()
        maysend(settings, "verify")
        counts = run.counts
        print(
            f"optouts: {len(run.log.people())} acknowledged of {options.people} people, {kills} kills, {stops} stops, "
            f"{options.connections} connections, {seconds:.0f} s; {counts['tries']} POSTs, {counts['refused']} refused "
            f"{run.refused}, {counts['broken']} broken off; at most {run.spooled_most} bytes in the spools; "
            f"{counts['answered']} checks answered after an acknowledgement, {counts['unknown']} not; settled in "
            f"{settling:.1f} s; {twice} entered twice, {len(lost)} lost, {counts['stale'] + len(eligible)} stale",
            flush=True)
        for line in run.stale[:10]:
            print(f"stale: {line}", flush=True)
        endings = [instance.end() for instance in instances]
        left = maysend(settings, "instance", "list")
        is_good = (not lost and not eligible and not counts["stale"] and not counts["given-up"] and not left
                   and endings == [0, 0] and kills == options.kills and stops == options.stops
                   and (run.spooled_most > 0 or not stops) and counts["answered"] > 0
                   and len(run.log.people()) == options.people)
        if not is_good:
            print(f"not good: given up {counts['given-up']}, endings {endings}, instances left '{left}'", flush=True)
        return 0 if is_good else 1
    finally:
        for instance in instances:
            if instance.process.poll() is None:
                instance.kill()
        database.end()


sys.exit(main())
