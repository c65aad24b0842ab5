"""A delay shows in the phase it belongs to, and in no other (measurement test 15)."""

from kit import MS, Acceptance, Server, Told, at_rest, audit, constant, floor, main, near, plan, run_plan, same

DELAY = 20.0  # ms
N = 300
PHASES = ("connection_wait_ns", "send_lag_ns", "connect_ns", "first_byte_ns", "download_ns")


def at(path, *options, keep_alive=True):
    with Server("--spin", "200us", *options) as server:
        return run_plan(plan(server.url, path, arrivals=constant(100, N // 100), http={"keep_alive": keep_alive}))


def late_accept():
    return at("/", "--accept-delay", "20ms", keep_alive=False)


def late_accept_of_kept_connections():
    return at("/", "--accept-delay", "20ms")


def late_first_byte():
    return at("/x?delay=20ms")


def late_half_of_the_body():
    return at("/x?size=1000&pause=20ms")


def check_in(phase, new_connections=0):
    """The delay is in `phase`, of every request; connections were opened for so many requests at least."""
    def check(attempt):
        run, allowed = attempt.run, at_rest()
        figures = []
        for key in PHASES:
            if run[key]["count"] == 0:
                continue
            expected = DELAY if key == phase else 0
            figures.append(near(f"{key} p50, ms", expected, run[key]["p50"] / MS, 0.001 if expected else 0, allowed))
        return figures + [same("answered", N, run["response_ns"]["count"]),
                          near("new connections", max(new_connections, 1), run["connect_ns"]["count"], 0,
                               0 if new_connections else 20),
                          near("response p50, ms", DELAY, run["response_ns"]["p50"] / MS, 0.001, 3 * allowed)]
    return check


def check_kept(attempt):
    """Only those requests that opened a connection paid for it."""
    run, allowed = attempt.run, at_rest()
    opened = run["connect_ns"]["count"]
    return [near("connect p50, ms", 0, run["connect_ns"]["p50"] / MS, 0, allowed),
            near("first byte p50, ms", 0, run["first_byte_ns"]["p50"] / MS, 0, allowed),
            near("first byte max, ms", DELAY, run["first_byte_ns"]["max"] / MS, 0.001, 2 * allowed),
            near("sum of first bytes, in delays", opened, run["first_byte_ns"]["mean"] * N / MS / DELAY, 0.001,
                 N * 2 * floor().p99 / DELAY),
            near("new connections", 2, opened, 1, 2)]


check_accept, check_first_byte, check_download = (check_in("first_byte_ns", N), check_in("first_byte_ns"),
                                                  check_in("download_ns"))


def audit_of(told):
    return audit(told.run)


class Phases(Acceptance):
    def test_a_late_accept_is_time_to_first_byte(self):
        self.accepted(late_accept, check_accept)

    def test_and_only_of_new_connections(self):
        self.accepted(late_accept_of_kept_connections, check_kept)

    def test_a_late_answer_is_time_to_first_byte(self):
        self.accepted(late_first_byte, check_first_byte)

    def test_a_pause_in_the_body_is_download(self):
        self.accepted(late_half_of_the_body, check_download)

    def test_a_delay_in_another_phase_is_refused(self):
        download = self.accepted(late_half_of_the_body, check_download)
        first_byte = self.accepted(late_first_byte, check_first_byte)
        self.refused("a first byte counted as download", check_download, first_byte,
                     {"first_byte_ns p50, ms", "download_ns p50, ms"})
        self.refused("a download counted as first byte", check_first_byte, download,
                     {"first_byte_ns p50, ms", "download_ns p50, ms"})

    def test_connects_filled_up_with_zeros_are_refused(self):
        kept = self.accepted(late_accept_of_kept_connections, check_kept)
        connect = kept.run["connect_ns"] | {"count": N, "p50": 0.0}
        self.refused("zero connect times", check_kept, Told(kept, connect_ns=connect),
                     {"new connections", "sum of first bytes, in delays"})

    def test_phases_that_leave_a_gap_are_refused(self):
        good = self.accepted(late_half_of_the_body, check_download)
        download = good.run["download_ns"] | {"mean": good.run["download_ns"]["mean"] * 0.99}
        self.refused("a hundredth of the download lost", audit_of, Told(good, download_ns=download),
                     {"phases over responses"})

    def test_requests_in_flight_that_do_not_match_are_refused(self):
        good = self.accepted(late_half_of_the_body, check_download)
        law = good.run["littles_law"]
        # Counting a request as begun when it was answered loses much of its time, as an early wrk did.
        told = Told(good, littles_law=law | {"error": 0.77 - 1})
        self.refused("in-flight time lost", audit_of, told, {"Little's law, error"})


if __name__ == "__main__":
    main()
