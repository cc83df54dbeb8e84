package dev.glidepath.docs;

import com.sun.source.doctree.DocTree;
import com.sun.source.doctree.LinkTree;
import com.sun.source.doctree.LiteralTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** What the Javadoc of a class says of its members, as Markdown. */
final class Javadoc {
    private final Map<String, String> byMember;

    private Javadoc(Map<String, String> byMember) {
        this.byMember = byMember;
    }

    /** Read from the class's source; nothing is compiled. */
    static Javadoc of(Class<?> type) {
        Path source = Path.of("src", "main", "java", type.getName().replace('.', '/') + ".java");
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    null, files, problem -> {}, List.of("-proc:none"), null, files.getJavaFileObjects(source));
            Members members = new Members(DocTrees.instance(task));
            members.scan(task.parse(), "");
            return new Javadoc(members.found);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + source, e);
        }
    }

    /**
     * What is said of a field, an enum constant or a method.
     *
     * @param member its name; for that of a nested type with the type's in front, such as {@code Drain.evictionsInFlight}
     * @throws IllegalStateException when nothing is said
     */
    String of(String member) {
        return Optional.ofNullable(byMember.get(member))
                .orElseThrow(() -> new IllegalStateException(member + " has no Javadoc, which its users read"));
    }

    private static final class Members extends TreePathScanner<@Nullable Void, String> {
        private final Map<String, String> found = new HashMap<>();
        private final DocTrees docs;

        Members(DocTrees docs) {
            this.docs = docs;
        }

        @Override
        public @Nullable Void visitClass(ClassTree type, String within) {
            boolean nested = getCurrentPath().getParentPath().getLeaf() instanceof ClassTree;
            return super.visitClass(type, nested ? within + type.getSimpleName() + "." : "");
        }

        @Override
        public @Nullable Void visitVariable(VariableTree field, String within) {
            keep(within + field.getName());
            return null;
        }

        @Override
        public @Nullable Void visitMethod(MethodTree method, String within) {
            keep(within + method.getName());
            return null;
        }

        private void keep(String member) {
            var comment = docs.getDocCommentTree(getCurrentPath());
            if (comment != null) {
                found.putIfAbsent(member, markdown(comment.getFullBody()));
            }
        }
    }

    private static String markdown(List<? extends DocTree> body) {
        return body.stream()
                .map(Javadoc::markdown)
                .collect(Collectors.joining())
                .replaceAll("\\s+", " ");
    }

    private static String markdown(DocTree part) {
        return switch (part) {
            case LiteralTree code
            when code.getKind() == DocTree.Kind.CODE ->
                "`" + code.getBody().toString().stripLeading() + "`";
            case LiteralTree literal -> literal.getBody().toString();
            case LinkTree link ->
                link.getLabel().isEmpty() ? "`" + link.getReference() + "`" : markdown(link.getLabel());
            default -> part.toString();
        };
    }
}
