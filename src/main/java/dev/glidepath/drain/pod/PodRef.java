package dev.glidepath.drain.pod;

/** One pod and no namesake of it: the UID tells a StatefulSet's pod from its successor of the same name. */
public record PodRef(String namespace, String name, String uid) {
    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
