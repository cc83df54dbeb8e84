package dev.glidepath;

import dev.glidepath.config.ConfigCheck.Remarks;
import dev.glidepath.observe.DecisionLog;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.permission.Permission;
import dev.glidepath.permission.Permissions;
import dev.glidepath.time.CorrectedClock;
import java.time.Duration;
import java.util.Map;

/** Logs what is found of the program's environment: its permissions, the clock of its host, its configuration. */
record EnvironmentLog(DecisionLog log) {

    /** A permission is missing, or is granted again. */
    void report(Permissions.Change change) {
        switch (change) {
            case Permissions.Change.Began(Permission permission, String words) -> {
                LogEvent event = switch (permission.need()) {
                    case REQUIRED -> LogEvent.PERMISSION_REQUIRED;
                    case WANTED -> LogEvent.PERMISSION_MISSING;
                };
                log.tell(event, words, Map.of(Field.PERMISSION, permission.action()));
            }
            case Permissions.Change.Ended(Permission permission) ->
                log.tell(
                        LogEvent.PERMISSION_GRANTED,
                        permission.action() + " is allowed now",
                        Map.of(Field.PERMISSION, permission.action()));
        }
    }

    /** The clock is wrong, or right again. */
    void report(CorrectedClock.Change change) {
        switch (change) {
            case CorrectedClock.Change.Wrong(Duration ahead) ->
                log.tell(
                        LogEvent.CLOCK_WRONG,
                        "this machine's clock is %s s %s, and is corrected for: let it be set by NTP"
                                .formatted(ahead.abs().toSeconds(), ahead.isNegative() ? "behind" : "ahead"),
                        Map.of(Field.SKEW, ahead));
            case CorrectedClock.Change.Right _ ->
                log.tell(LogEvent.CLOCK_RIGHT, "this machine's clock is right again", Map.of());
        }
    }

    /** What is remarkable about the configuration, though it is valid. */
    void report(Remarks remarks) {
        remarks.unknown()
                .forEach(variable -> log.tell(
                        LogEvent.CONFIG_UNKNOWN, variable + " is no option of ours, and changes nothing", Map.of()));
        remarks.fromNth().forEach(line -> log.tell(LogEvent.NTH_CONFIG_TAKEN, line, Map.of()));
        remarks.notFromNth().forEach(line -> log.tell(LogEvent.NTH_CONFIG_MISSING, line, Map.of()));
    }
}
