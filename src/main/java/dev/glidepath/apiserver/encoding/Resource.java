package dev.glidepath.apiserver.encoding;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A kind of object, and what of each is read. To be made once: all who watch objects of this kind may read them by it. */
public final class Resource {
    private static final Set<String> ALWAYS_READ =
            Set.of("metadata/name", "metadata/namespace", "metadata/resourceVersion");

    private final String path;
    private final JsonEncoding json;
    private final Optional<ProtobufEncoding> protobuf;

    /**
     * @param path as {@code /api/v1/nodes}
     * @param reads the fields that are read, as {@link Projection#of} takes them; its name, namespace and version are read in any case
     */
    public Resource(String path, Set<String> reads) {
        Set<String> all = Stream.concat(ALWAYS_READ.stream(), reads.stream()).collect(Collectors.toUnmodifiableSet());
        this.path = path;
        this.json = new JsonEncoding(all);
        this.protobuf = MessageType.at(path).map(type -> new ProtobufEncoding(type, all));
    }

    /** Where its objects are. */
    public String path() {
        return path;
    }

    /** The media types in which it can be read, the preferred one first. */
    public String mediaTypes() {
        return protobuf.map(_ -> ProtobufEncoding.MEDIA_TYPE + ", ").orElse("") + JsonEncoding.MEDIA_TYPE;
    }

    /** How a body of this media type is read: the server need not write the preferred one. */
    public Encoding encodingOf(String mediaType) {
        return protobuf.<Encoding>map(encoding -> encoding)
                .filter(_ -> mediaType.startsWith(ProtobufEncoding.MEDIA_TYPE))
                .orElse(json);
    }
}
