import CEpoll
import Glibc

/// A program that the bench started and that it ends.
final class Child: Sendable {
    let name: String
    let pid: pid_t

    /// How a program ended.
    struct End {
        let status: Int32
        /// Processor time of it and of all it had waited for.
        let cpuNanoseconds: UInt64
    }

    /// Starts a program. Its output and complaints go to files; without one, nowhere.
    init(
        _ program: String, _ arguments: [String], environment: [String: String], output: String? = nil,
        complaints: String? = nil
    ) throws(BenchFault) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output ?? "/dev/null", flags, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, complaints ?? "/dev/null", flags, 0o600)
        var arguments = ([program] + arguments).map { strdup($0) } + [nil]
        var words = environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + words { free(text) } }
        var pid: pid_t = 0
        var attributes = Self.unblockedSignals()
        defer { posix_spawnattr_destroy(&attributes) }
        let failure = posix_spawnp(&pid, program, &actions, &attributes, &arguments, &words)
        guard failure == 0 else {
            throw BenchFault("\(program) cannot be started: \(String(cString: strerror(failure)))")
        }
        self.pid = pid
        name = program.split(separator: "/").last.map(String.init) ?? program
    }

    /// The threads of this process block signals and hand that on; a child must hear those that are to end it, and a
    /// timer of its own.
    private static func unblockedSignals() -> posix_spawnattr_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var standard = sigset_t()
        sigemptyset(&standard)
        for signal in [SIGPIPE, SIGINT, SIGTERM, SIGALRM] { sigaddset(&standard, signal) }
        posix_spawnattr_setsigdefault(&attributes, &standard)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        return attributes
    }

    var isAlive: Bool {
        var information = siginfo_t()
        // Looks without taking, so that the end can still be waited for.
        return waitid(P_PID, id_t(pid), &information, WEXITED | WNOHANG | WNOWAIT) == 0 && information.si_signo == 0
    }

    /// Waits without doing anything.
    static func pause(milliseconds: UInt32) { usleep(milliseconds * 1_000) }

    func terminate() { kill(pid, SIGTERM) }

    /// Waits until it has ended; once only.
    func wait() -> End {
        var status: Int32 = 0
        var usage = rusage()
        while wait4(pid, &status, 0, &usage) < 0, errno == EINTR {}
        let code = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
        return End(status: code, cpuNanoseconds: Self.nanoseconds(usage.ru_utime) + Self.nanoseconds(usage.ru_stime))
    }

    private static func nanoseconds(_ time: timeval) -> UInt64 {
        UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_usec) * 1_000
    }
}
