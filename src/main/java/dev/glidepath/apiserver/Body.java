package dev.glidepath.apiserver;

import dev.glidepath.apiserver.ApiServer.FellSilent;
import dev.glidepath.apiserver.Transport.Silence;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jboss.logging.Logger;

/**
 * An answer that is read as it comes in. Closing it before its end resets its stream, and disturbs no other. It is closed under a
 * reader who waits too long: no transport reports a server that has fallen silent.
 */
public final class Body extends FilterInputStream {
    private static final Logger LOG = Logger.getLogger(Body.class);

    private final String mediaType;
    private final RequestUnderWay underWay;
    private final Silence silence;
    private volatile boolean ended;
    private volatile boolean silent;
    private volatile boolean closed;

    /** @param mediaType in which it is written, with its parameters; empty where that is not said */
    Body(InputStream body, String mediaType, RequestUnderWay underWay, Silence silence) {
        super(body);
        this.mediaType = mediaType;
        this.underWay = underWay;
        this.silence = silence;
        underWay.begin(this);
    }

    /** In which it is written, with its parameters; empty where that is not said. */
    public String mediaType() {
        return mediaType;
    }

    @Override
    public int read() throws IOException {
        return read(super::read);
    }

    @Override
    public int read(byte[] into, int from, int most) throws IOException {
        return read(() -> super.read(into, from, most));
    }

    @Override
    public void close() throws IOException {
        closed = true;
        try {
            if (!ended) {
                super.close();
            }
        } finally {
            underWay.end(this);
        }
    }

    /** Ends the wait of a reader to whom nothing has come for too long. */
    void closeIfSilent(long nowNanos) {
        if (underWay.exchange().waitsLongerThan(silence.most(), nowNanos)) {
            silent = true;
            try {
                close();
            } catch (IOException alreadyBroken) {
                LOG.tracef(alreadyBroken, "closing what has fallen silent");
            }
        }
    }

    @FunctionalInterface
    private interface Reading {
        int read() throws IOException;
    }

    private int read(Reading reading) throws IOException {
        underWay.exchange().await(silence.usual());
        try {
            int read = reading.read();
            if (read < 0) {
                if (isSilent()) {
                    throw new FellSilent(silence.most().toMillis(), null);
                }
                ended = true;
                underWay.end(this);
            }
            return read;
        } catch (FellSilent silent) {
            throw silent;
        } catch (IOException broken) {
            throw failed(broken);
        } finally {
            underWay.exchange().received();
        }
    }

    private IOException failed(IOException broken) {
        if (!closed) {
            underWay.retire();
        }
        underWay.end(this);
        return isSilent() ? new FellSilent(silence.most().toMillis(), broken) : broken;
    }

    private boolean isSilent() {
        return silent || underWay.connection().isDead();
    }
}
