package dev.glidepath.permission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.permission.Permission.Need;
import dev.glidepath.permission.Permissions.Change;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PermissionsTest {
    private static final Permission HEARTBEAT = Permission.RECORD_LIFECYCLE_ACTION_HEARTBEAT;

    private final List<Change> changes = new ArrayList<>();
    private final Permissions permissions = new Permissions(changes::add);

    @Test
    void aDenialIsReportedOnceAtItsStartAndOnceAtItsEnd() {
        permissions.granted(HEARTBEAT, "workers");
        permissions.denied(HEARTBEAT, "workers", "first");
        permissions.denied(HEARTBEAT, "workers", "again");
        permissions.granted(HEARTBEAT, "workers");
        permissions.granted(HEARTBEAT, "workers");

        assertThat(changes).containsExactly(new Change.Began(HEARTBEAT, "first"), new Change.Ended(HEARTBEAT));
        assertThat(permissions.missing()).isZero();
    }

    @Test
    void aGroupWhereItIsGrantedSaysNothingOfOneWhereItIsNot() {
        permissions.denied(HEARTBEAT, "workers", "words");
        permissions.granted(HEARTBEAT, "databases");
        permissions.denied(HEARTBEAT, "batch", "words");
        permissions.granted(HEARTBEAT, "workers");

        assertThat(changes).hasSize(1);
        assertThat(permissions.placesWithout(HEARTBEAT)).containsExactly("batch");

        permissions.granted(HEARTBEAT, "batch");

        assertThat(changes).last().isEqualTo(new Change.Ended(HEARTBEAT));
    }

    @Test
    void remembersNoMoreThanTenGroups() {
        for (int group = 0; group < 1_000; group++) {
            permissions.denied(HEARTBEAT, "group " + group, "words");
        }

        assertThat(permissions.placesWithout(HEARTBEAT)).hasSize(10);
        assertThat(changes).hasSize(1);
    }

    @Test
    void receivingAndDeletingAreRequiredAndNothingElse() {
        for (Permission permission : Permission.values()) {
            permissions.denied(permission, "", permission.action());
        }

        assertThat(permissions.missing(Need.REQUIRED)).containsExactly("sqs:ReceiveMessage", "sqs:DeleteMessage");
        assertThat(permissions.missing(Need.WANTED)).hasSize(5);
        assertThat(permissions.missing()).isEqualTo(7);
    }

    @ParameterizedTest
    @EnumSource
    void oneLineNamesItWhatDoesNotWorkAndTheRemedy(Permission permission) {
        assertThat(permission.allowIt("here"))
                .matches("(sqs|autoscaling):[A-Za-z]+ on here is not allowed: [a-z].+; allow it to our role")
                .doesNotContain("\n");
        assertThat(permission.allowIt("")).startsWith(permission.action() + " is not allowed: ");
    }
}
