package dev.glidepath.docs;

import static java.util.stream.Collectors.joining;

import dev.glidepath.permission.Permission;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page of the role tells of each permission what the program says when it is missing. */
class PermissionsDocsTest {
    @Test
    void tableTellsEachPermission() {
        MadeFile page = new MadeFile("iam", "README.md");

        page.check(page.withSection("permissions", table()));
    }

    private static String table() {
        return Stream.of(Permission.values())
                .map(permission -> "| `%s` | %s | %s |\n"
                        .formatted(
                                permission.action(),
                                permission.without(),
                                switch (permission.need()) {
                                    case REQUIRED -> "no";
                                    case WANTED -> "yes";
                                }))
                .collect(joining("", "| permission | without it | ready |\n| --- | --- | --- |\n", ""));
    }
}
