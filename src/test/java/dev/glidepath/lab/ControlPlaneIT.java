package dev.glidepath.lab;

import org.junit.jupiter.api.Test;

class ControlPlaneIT {
    @Test
    void starts() {
        var plane = ControlPlane.shared();
        var mark = plane.audit().mark();
        plane.client().nodes().list();
        System.err.println(
                plane.audit().since(mark).stream().filter(AuditLog.by("admin")).toList());
    }
}
