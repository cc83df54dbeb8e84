import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.FieldModel;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Writes the {@code equals} of each record as plain bytecode, field by field. The compiler leaves it to a method handle made by
 * {@link java.lang.runtime.ObjectMethods}, which a native image interprets: some ten thousand nanoseconds a comparison instead of
 * a few. What two records are equal by does not change. Run by Maven between compilation and packaging; docs/adr/0034.
 *
 * <p>{@code java RecordEquality.java FOLDER-OF-CLASSES}
 */
class RecordEquality {
    private static final MethodTypeDesc EQUALS = MethodTypeDesc.of(CD_boolean, CD_Object);
    private static final ClassDesc OBJECTS = ClassDesc.of("java.util.Objects");

    private static final int OTHER = 1;
    private static final int CAST = 2;

    public static void main(String[] words) throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.walk(Path.of(words[0]))) {
            files = found.filter(file -> file.toString().endsWith(".class")).toList();
        }
        int written = 0;
        for (Path file : files) {
            ClassModel model = ClassFile.of().parse(file);
            if (model.methods().stream().anyMatch(RecordEquality::isLeftToMethodHandle)) {
                Files.write(file, withPlainEquality(model));
                written++;
            }
        }
        System.out.println("records whose equality was written out: " + written);
    }

    private static byte[] withPlainEquality(ClassModel model) {
        return ClassFile.of()
                .transformClass(
                        model,
                        ClassTransform.dropping(element ->
                                        element instanceof MethodModel method && isLeftToMethodHandle(method))
                                .andThen(ClassTransform.endHandler(builder -> builder.withMethodBody(
                                        "equals",
                                        EQUALS,
                                        ClassFile.ACC_PUBLIC | ClassFile.ACC_FINAL,
                                        code -> compare(code, model)))));
    }

    private static boolean isLeftToMethodHandle(MethodModel method) {
        return method.methodName().equalsString("equals")
                && method.methodTypeSymbol().equals(EQUALS)
                && method.code().stream()
                        .flatMap(code -> code.elementStream())
                        .anyMatch(element -> element instanceof InvokeDynamicInstruction dynamic
                                && dynamic.bootstrapMethod()
                                        .owner()
                                        .displayName()
                                        .equals("ObjectMethods"));
    }

    private static void compare(CodeBuilder code, ClassModel model) {
        ClassDesc type = model.thisClass().asSymbol();
        Label different = code.newLabel();
        code.aload(0)
                .aload(OTHER)
                .ifThen(Opcode.IF_ACMPEQ, same -> same.iconst_1().ireturn());
        code.aload(OTHER).instanceOf(type).ifeq(different);
        code.aload(OTHER).checkcast(type).astore(CAST);
        model.fields().stream()
                .filter(field -> !field.flags().has(AccessFlag.STATIC))
                .forEach(field -> compare(code, type, field, different));
        code.iconst_1().ireturn();
        code.labelBinding(different).iconst_0().ireturn();
    }

    /** As {@link java.lang.runtime.ObjectMethods} would. */
    private static void compare(CodeBuilder code, ClassDesc record, FieldModel field, Label different) {
        ClassDesc type = field.fieldTypeSymbol();
        String name = field.fieldName().stringValue();
        code.aload(0).getfield(record, name, type);
        code.aload(CAST).getfield(record, name, type);
        switch (TypeKind.from(type)) {
            case BOOLEAN, BYTE, CHAR, SHORT, INT -> code.if_icmpne(different);
            case LONG -> code.lcmp().ifne(different);
            case FLOAT ->
                code.invokestatic(
                                ClassDesc.of("java.lang.Float"),
                                "compare",
                                MethodTypeDesc.of(CD_int, CD_float, CD_float))
                        .ifne(different);
            case DOUBLE ->
                code.invokestatic(
                                ClassDesc.of("java.lang.Double"),
                                "compare",
                                MethodTypeDesc.of(CD_int, CD_double, CD_double))
                        .ifne(different);
            case REFERENCE ->
                code.invokestatic(OBJECTS, "equals", MethodTypeDesc.of(CD_boolean, CD_Object, CD_Object))
                        .ifeq(different);
            case VOID -> throw new IllegalStateException("a field of type void: " + name);
        }
    }
}
