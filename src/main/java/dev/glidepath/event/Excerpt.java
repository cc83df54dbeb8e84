package dev.glidepath.event;

import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a log may show of a message body that nobody can read. */
public final class Excerpt {
    /** In bytes of UTF-8. */
    private static final int LONGEST = 4096;

    private static final HexFormat HEX = HexFormat.of();

    private static final String MASK = "***";

    /** A quotation mark, with the backslashes of each text of JSON it is in, or as an escape of its own. */
    private static final String QUOTE = "\\\\*[\"']|\\\\+u002[27]";

    /** Also between a name and its value in a text of JSON that is in a text of JSON. */
    private static final String BLANK = "(?:\\s|\\\\+[nrt])*+";

    /** The name of something secret and what separates it from its value, up to the value or its quotation mark. */
    private static final Pattern SECRET =
            Pattern.compile("(?i)(?:token|secret|password|authorization)[\\w. -]{0,40}+(?:" + QUOTE + ")?" + BLANK
                    + "(?:[:=>]|\\\\+u003[ade])" + BLANK + "(?<open>" + QUOTE + ")?");

    private static final Pattern ANY_QUOTE = Pattern.compile(QUOTE);

    /** Where a value without quotation marks may end; a blank does not end one, as in {@code Authorization: Bearer ...}. */
    private static final Pattern BARE_END = Pattern.compile("[\\r\\n\"\\\\<&]");

    private Excerpt() {}

    /**
     * The body's first 4 KiB on one line of printable ASCII, everything else escaped as in JSON, and what is in a field named
     * like a secret masked. Where it is unclear how far a secret goes, more is masked.
     */
    public static String of(String body) {
        return escaped(masked(beginning(body)));
    }

    private static String beginning(String body) {
        int end = 0;
        int bytes = 0;
        while (end < body.length()) {
            int character = body.codePointAt(end);
            bytes += utf8Length(character);
            if (bytes > LONGEST) {
                break;
            }
            end += Character.charCount(character);
        }
        return body.substring(0, end);
    }

    private static int utf8Length(int character) {
        if (character < 0x80) {
            return 1;
        }
        if (character < 0x800) {
            return 2;
        }
        return character < 0x10000 ? 3 : 4;
    }

    private static String masked(String text) {
        StringBuilder shown = new StringBuilder();
        Matcher secret = SECRET.matcher(text);
        int from = 0;
        while (secret.find(from)) {
            shown.append(text, from, secret.end()).append(MASK);
            from = secret.group("open") == null
                    ? bareEnd(text, secret.end())
                    : quotedEnd(text, secret.end(), secret.group("open"));
        }
        return shown.append(text, from, text.length()).toString();
    }

    /** A list or an object of secrets goes on to who knows where. */
    private static int bareEnd(String text, int from) {
        boolean many = from < text.length() && (text.charAt(from) == '[' || text.charAt(from) == '{');
        Matcher end = BARE_END.matcher(text);
        return !many && end.find(from) ? end.start() : text.length();
    }

    /** A quotation mark with more backslashes than the first belongs to the value. */
    private static int quotedEnd(String text, int from, String open) {
        char mark = open.charAt(open.length() - 1);
        Matcher quote = ANY_QUOTE.matcher(text).region(from, text.length());
        while (quote.find()) {
            if (quote.group().length() <= open.length() && text.charAt(quote.end() - 1) == mark) {
                return quote.start();
            }
        }
        return text.length();
    }

    private static String escaped(String text) {
        StringBuilder line = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            switch (character) {
                case '"', '\\' -> line.append('\\').append(character);
                case '\n' -> line.append("\\n");
                case '\r' -> line.append("\\r");
                case '\t' -> line.append("\\t");
                default -> {
                    if (character >= ' ' && character <= '~') {
                        line.append(character);
                    } else {
                        line.append("\\u").append(HEX.toHexDigits(character));
                    }
                }
            }
        }
        return line.toString();
    }
}
