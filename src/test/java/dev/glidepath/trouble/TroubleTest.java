package dev.glidepath.trouble;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.lab.LogLines;
import dev.glidepath.trouble.Trouble.Present;
import dev.glidepath.trouble.Trouble.Remedy;
import dev.glidepath.trouble.Trouble.Words;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TroubleTest {
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");

    private final AtomicReference<Instant> now = new AtomicReference<>(NOON);
    private final InstantSource clock = now::get;
    private final Logger logger = Logger.getLogger(TroubleTest.class);
    private final LogLines log = new LogLines(TroubleTest.class);
    private final Trouble<Remedy> trouble = new Trouble<>(logger, Words.of("asking"), clock);

    @AfterEach
    void close() {
        log.close();
    }

    @Test
    void isLoggedWhenItBeginsAndWhenItEnds() {
        trouble.met(Remedy.TIME, "no answer");
        now.set(NOON.plusSeconds(5));
        trouble.met(Remedy.TIME, "still no answer");
        trouble.ended();
        trouble.ended();

        assertThat(log.atLeast(Level.INFO))
                .containsExactly("WARN trouble asking: no answer", "INFO no more trouble asking, after PT5S");
    }

    @Test
    void isLoggedAgainWhenItsKindChanges() {
        trouble.met(Remedy.TIME, "no answer");
        trouble.met(Remedy.PERSON, "no permission");
        trouble.met(Remedy.PERSON, "no permission");

        assertThat(log.atLeast(Level.INFO))
                .containsExactly("WARN trouble asking: no answer", "ERROR trouble asking: no permission");
    }

    @Test
    void isPresentSinceItBegan() {
        assertThat(trouble.present()).isEmpty();

        trouble.met(Remedy.TIME, "no answer");
        now.set(NOON.plusSeconds(5));
        trouble.met(Remedy.PERSON, "no permission");

        assertThat(trouble.present()).contains(new Present<>(NOON, Remedy.PERSON, "no permission"));
        trouble.ended();
        assertThat(trouble.why()).isEmpty();
    }

    @Test
    void isPresentAndNotLoggedWhereAnotherClassLogsIt() {
        trouble.metUnlogged(Remedy.PERSON, "no permission");
        assertThat(trouble.why()).contains("no permission");
        trouble.ended();

        assertThat(log.atLeast(Level.INFO)).isEmpty();
    }

    @Test
    void itsEndIsLoggedWhenAnyOfItWas() {
        trouble.met(Remedy.TIME, "no answer");
        trouble.metUnlogged(Remedy.PERSON, "no permission");
        trouble.ended();

        assertThat(log.atLeast(Level.INFO))
                .containsExactly("WARN trouble asking: no answer", "INFO no more trouble asking, after PT0S");
    }

    @Test
    void theUnforeseenIsLoggedInOwnWords() {
        Trouble<Remedy> unforeseen = new Trouble<>(logger, Words.of("it fails", "it works again"), clock);

        unforeseen.met(Remedy.PERSON, new IllegalStateException("on purpose"));
        assertThat(unforeseen.why()).contains("java.lang.IllegalStateException: on purpose");
        unforeseen.ended();

        assertThat(log.atLeast(Level.INFO)).containsExactly("ERROR it fails", "INFO it works again");
    }
}
