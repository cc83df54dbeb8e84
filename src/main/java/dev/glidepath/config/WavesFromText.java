package dev.glidepath.config;

import dev.glidepath.drain.plan.Waves;
import org.eclipse.microprofile.config.spi.Converter;

/** Reads the table of waves. Found by the configuration through its service file. */
public final class WavesFromText implements Converter<Waves> {
    private static final long serialVersionUID = 1L;

    @Override
    public Waves convert(String text) {
        return Waves.parse(text.strip()).orElseThrow(() -> new IllegalArgumentException("not a table of waves"));
    }
}
