package dev.glidepath.node;

/** A Node object's name in Kubernetes. */
public record NodeName(String value) {
    @Override
    public String toString() {
        return value;
    }
}
