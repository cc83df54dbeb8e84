package dev.glidepath.config;

import dev.glidepath.node.NodeSelector;
import org.eclipse.microprofile.config.spi.Converter;

/** Reads a label selector. Found by the configuration through its service file. */
public final class NodeSelectorFromText implements Converter<NodeSelector> {
    private static final long serialVersionUID = 1L;

    @Override
    public NodeSelector convert(String text) {
        return NodeSelector.parse(text).orElseThrow(() -> new IllegalArgumentException("not a label selector"));
    }
}
