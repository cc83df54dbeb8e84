package dev.glidepath.storm;

/** Something that goes on beside a process from before a storm until after it. */
interface Companion {
    /** Nothing. */
    Companion NONE = _ -> () -> {};

    /** Begins it for the process of this id. */
    Attachment attach(long pid);

    /** Ends it. */
    interface Attachment extends AutoCloseable {
        @Override
        void close();
    }
}
