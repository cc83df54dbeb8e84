package dev.glidepath.event;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What Auto Scaling wants back with each heartbeat and with the completion of one lifecycle action. It is as good as a permission:
 * it stays in the message and in the Lease of the replica that works on it. Everything else knows it by its hash.
 */
public record LifecycleToken(String value) {

    /** Its SHA-256 in hexadecimal, all 64 digits. A token is random, so nobody finds it by its hash. */
    public String hash() {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(value.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException impossible) { // every Java platform has it
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public String toString() {
        return "(token)";
    }
}
