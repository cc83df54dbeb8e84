package dev.glidepath.event;

import static dev.glidepath.event.SampleBody.quoted;
import static dev.glidepath.event.SampleBody.with;
import static dev.glidepath.event.SampleBody.without;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.glidepath.event.Decoded.Announced;
import dev.glidepath.event.Decoded.BlockExpires;
import dev.glidepath.event.Decoded.Ignored;
import dev.glidepath.event.Decoded.Reason;
import dev.glidepath.event.Decoded.Undecodable;
import dev.glidepath.event.Interruption.CapacityInterruption;
import dev.glidepath.event.Interruption.SpotAction;
import dev.glidepath.event.Interruption.SpotInterruption;
import dev.glidepath.event.Interruption.StateChange;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class Ec2DecoderTest {
    private static final String CAPACITY = "capacity-reservation-interruption-interruptible.json";
    private static final String BLOCK = "capacity-block-expiration.json";
    private static final Instant BLOCK_NOTICED = Instant.parse("2026-08-25T10:50:00Z");

    @ParameterizedTest
    @EnumSource(InstanceState.class)
    void knowsEveryStateWhateverItsCase(InstanceState state) {
        Decoded expected = switch (state) {
            case PENDING, RUNNING -> new Ignored(Reason.INSTANCE_IS_UP, state.label());
            case STOPPING, SHUTTING_DOWN, STOPPED, TERMINATED ->
                new Announced(List.of(new StateChange(
                        new InstanceId("i-0a1b2c3d4e5f60002"), Instant.parse("2026-08-24T10:17:00Z"), state)));
        };
        for (String text : List.of(state.label(), state.label().toUpperCase(Locale.ROOT))) {
            assertThat(SampleBody.decoded(with("state-stopping.json", "/detail", "state", quoted(text))))
                    .isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"stop", "stopping,stopped", "shutting_down", "secret", " stopping"})
    void takesNothingElseForAState(String state) {
        assertThat(SampleBody.decoded(with("state-stopping.json", "/detail", "state", quoted(state))))
                .isEqualTo(new Undecodable("state is none that EC2 documents"));
    }

    @Test
    void aStateChangeWithoutStateOrInstanceCannotBeRead() {
        assertThat(SampleBody.decoded(with("state-stopping.json", "/detail", "state", "null")))
                .isEqualTo(new Undecodable("state is missing"));
        assertThat(SampleBody.decoded(with("state-stopping.json", "/detail", "instance-id", "\"\"")))
                .isEqualTo(new Undecodable("instance-id is missing"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"hibernate\"", "\"Hibernate\"", "\"HIBERNATE\""})
    void knowsHibernationWhateverItsCase(String action) {
        assertThat(decodedSpotAction(action)).isEqualTo(SpotAction.HIBERNATE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"terminate\"", "\"explode\"", "\"\"", "null", "7", "[\"stop\"]", "{\"stop\": true}"})
    void takesAnActionItDoesNotKnowForTheWorst(String action) {
        assertThat(decodedSpotAction(action)).isEqualTo(SpotAction.TERMINATE);
    }

    @Test
    void takesAMissingActionForTheWorst() {
        assertThat(SampleBody.decoded(without("spot-stop.json", "/detail", "instance-action")))
                .isEqualTo(new Announced(List.of(new SpotInterruption(
                        new InstanceId("i-0a1b2c3d4e5f60002"),
                        Instant.parse("2026-08-24T10:15:01Z"),
                        SpotAction.TERMINATE))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "EC2 Capacity Reservation Instance Interruption Warning",
                "EC2 Interruptible Capacity Reservation Instance Interruption Warning"
            })
    void capacityIsTakenWhenTheMessageSays(String type) {
        ObjectNode event = (ObjectNode) SampleBody.tree(CAPACITY);
        event.put("detail-type", type).withObject("detail").put("instance-termination-time", "2026-08-24T12:07:30Z");

        assertThat(capacity(event.toString()).goneAt()).isEqualTo("2026-08-24T12:07:30Z");
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "7", "\"soon\"", "\"+999999999-12-31T23:59:59Z\"", "[]"})
    void capacityIsTakenAfterTwoMinutesWhereTheMessageDoesNotSay(String time) {
        assertThat(capacity(with(CAPACITY, "/detail", "instance-termination-time", time))
                        .goneAt())
                .isEqualTo("2026-08-24T12:02:00Z");
    }

    @Test
    void aTimeThatIsSaidAndCannotBeReadIsNoted() {
        assertThat(SampleBody.notes(with(CAPACITY, "/detail", "instance-termination-time", quoted("soon"))))
                .containsExactly(
                        "instance-termination-time is not a time: the instance counts as gone two minutes after the"
                                + " notice");
        assertThat(SampleBody.notes(with(BLOCK, "/detail", "end-date", quoted("soon"))))
                .containsExactly("end-date is not a time: its instances count as gone ten minutes after the notice");
        assertThat(SampleBody.notes(without(BLOCK, "/detail", "end-date"))).isEmpty();
    }

    @Test
    void findsTheReservationInEitherPlace() {
        assertThat(capacity(with(CAPACITY, "/detail", "capacity-reservation-id", quoted("cr-0123456789abcdef0")))
                        .reservation())
                .isEqualTo("cr-0123456789abcdef0");
        assertThat(capacity(with(
                                CAPACITY,
                                "",
                                "resources",
                                quoted("arn:aws:ec2:eu-west-1:123456789012:capacity-reservation/cr-0123456789abcdef1")))
                        .reservation())
                .isEqualTo("cr-0123456789abcdef1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Capacity Block Expiration Warning", "Capacity Block Reservation Expiration Warning"})
    void blockEndsHalfAnHourBeforeItsEndDate(String type) {
        assertThat(SampleBody.decoded(with(BLOCK, "", "detail-type", quoted(type))))
                .isEqualTo(
                        new BlockExpires("cr-0a1b2c3d4e5f60022", BLOCK_NOTICED, Instant.parse("2026-08-25T11:00:00Z")));
    }

    @Test
    void blockEndsTenMinutesAfterTheWarningWhereTheEndDateIsMissing() {
        assertThat(SampleBody.decoded(without(BLOCK, "/detail", "end-date")))
                .isEqualTo(new BlockExpires("cr-0a1b2c3d4e5f60022", BLOCK_NOTICED, BLOCK_NOTICED.plusSeconds(600)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "\"secret\"", "\"cr-\"", "\"cr-0a1b2c3d4e5f60022,x\""})
    void blockWithoutAReadableReservationIsFoundByItsResource(String reservation) {
        assertThat(SampleBody.decoded(with(BLOCK, "/detail", "capacity-reservation-id", reservation)))
                .isEqualTo(
                        new BlockExpires("cr-0a1b2c3d4e5f60022", BLOCK_NOTICED, Instant.parse("2026-08-25T11:00:00Z")));
    }

    @Test
    void blockOfNoReservationCannotBeRead() {
        ObjectNode event = (ObjectNode) SampleBody.tree(BLOCK);
        event.remove("resources");
        event.withObject("detail").remove("capacity-reservation-id");

        assertThat(SampleBody.decoded(event.toString()))
                .isEqualTo(new Undecodable("capacity-reservation-id is missing"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Capacity Block Delivered",
                "Capacity Block Reservation Delivered",
                "EC2 Capacity Reservation Interruptible Reclamation Complete"
            })
    void newsOfReservationsIsIgnored(String type) {
        assertThat(SampleBody.decoded(with(BLOCK, "", "detail-type", quoted(type))))
                .isEqualTo(new Ignored(Reason.INFORMATIONAL, type));
    }

    private static CapacityInterruption capacity(String body) {
        return (CapacityInterruption)
                ((Announced) SampleBody.decoded(body)).interruptions().getFirst();
    }

    private static Object decodedSpotAction(String action) {
        Decoded decoded = SampleBody.decoded(with("spot-stop.json", "/detail", "instance-action", action));
        return decoded instanceof Announced(List<Interruption> all, var _)
                        && all.getFirst() instanceof SpotInterruption(var _, var _, SpotAction found)
                ? found
                : decoded;
    }
}
