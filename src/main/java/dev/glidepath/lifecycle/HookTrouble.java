package dev.glidepath.lifecycle;

/** Auto Scaling did not do what it was asked, whatever that was. */
public sealed interface HookTrouble extends HookOutcome, HookLookup {
    /** Too many requests to Auto Scaling from this account and region: try again, later than last time. */
    record Throttled() implements HookTrouble {}

    /** A permission is missing, or our credentials are missing or not accepted; {@code why} names which, and the remedy. */
    record Denied(String why) implements HookTrouble {}

    /** No answer in time, a fault of Auto Scaling's own, or a request it finds wrong: try again. */
    record Failed(String why) implements HookTrouble {}
}
