package dev.glidepath.lab;

import java.io.IOException;
import java.util.stream.Collectors;

/**
 * A program to be killed: starts a control plane from a thread that ends at once, asks it something, prints its folder and the ids of its
 * processes, and waits.
 */
final class ControlPlaneHolder {
    private ControlPlaneHolder() {}

    public static void main(String[] args) throws InterruptedException, IOException {
        try {
            hold();
        } finally {
            System.exit(0); // the HTTP client's threads would keep it
        }
    }

    private static void hold() throws InterruptedException, IOException {
        var starter = new Thread(ControlPlane::shared);
        starter.start();
        starter.join();
        var plane = ControlPlane.shared();
        plane.client().nodes().list();
        System.out.println(plane.folder());
        System.out.println(plane.processes().stream()
                .map(process -> String.valueOf(process.pid()))
                .collect(Collectors.joining(" ")));
        System.in.read(); // until it is killed, or its parent is
    }
}
