package dev.penstock.gateway.guard.policy;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The patterns, over text that is decoded and in lower case. They are after what attacks share and people do not write:
 * every repetition is bounded, so that the time is linear in the text. Kinds of attack as in the OWASP Core Rule Set,
 * paranoia level 1; the patterns are our own.
 */
final class RulePatterns {
    private static final String COMMANDS = "(?:cat\\s+[/~.$]|ls\\s+[-/]|ls$|id$|id\\s*[;|&]|whoami|uname\\b|printenv"
            + "|(?:wget|curl)\\s+(?:-|https?:)|nc\\s+-|ncat\\s|(?:ba|z|da)?sh\\s+-[ci]|/(?:usr/)?bin/|powershell|cmd(?:\\.exe)?\\s*/c"
            + "|nslookup\\s|ping\\s+-[cn]|chmod\\s+[0-7+]|rm\\s+-|sleep\\s+\\d|python\\d?\\s+-c|perl\\s+-e|php\\s+-r)";

    private static final Map<RuleClass, List<Pattern>> PATTERNS = new EnumMap<>(RuleClass.class);

    static {
        PATTERNS.put(
                RuleClass.SQL,
                compiled(
                        "\\bunion\\s{1,20}(?:all\\s{1,20}|distinct\\s{1,20})?select\\s{1,20}(?:null\\b|\\d|[@*'\"(]|[\\w.]{1,60}\\s{0,20}[,(]|.{1,100}\\bfrom\\b)",
                        "['\")]\\s{0,20}(?:or|and|\\|\\||&&)\\s{0,20}[('\"]{0,3}\\s{0,5}[\\w.]{1,60}['\")]{0,3}\\s{0,20}(?:=|<|>|\\blike\\b|\\bis\\b|\\bin\\s{0,5}\\()",
                        "\\b(?:or|and)\\s{1,20}(\\d{1,9})\\s{0,20}=\\s{0,20}\\1\\b",
                        "['\"]?\\s{0,20};\\s{0,20}(?:drop|truncate|alter|create)\\s{1,20}(?:table|database|schema|user|role)\\b",
                        "['\"]\\s{0,20}\\)?\\s{0,20};\\s{0,20}(?:delete\\s{1,20}from|insert\\s{1,20}into|update\\s{1,20}\\w{1,60}\\s{1,20}set|exec(?:ute)?\\b|shutdown\\b|select\\b|declare\\b)",
                        "(?:\\bpg_|(?:\\band|\\bor|\\bselect|[=,;'\")(|])\\s{0,20})(?:sleep|benchmark)\\s{0,5}\\(\\s{0,5}\\d{1,12}\\s{0,5}[,)]",
                        "\\bwaitfor\\s{1,20}delay\\s{0,20}['\"]",
                        "\\bxp_cmdshell\\b|\\binto\\s{1,20}(?:outfile|dumpfile)\\s{0,20}['\"]|\\bload_file\\s{0,5}\\(\\s{0,5}['\"0]",
                        "\\bfrom\\s{1,20}information_schema\\.|\\b(?:extractvalue|updatexml)\\s{0,5}\\(\\s{0,5}\\d",
                        "\\w'\\s{0,5}(?:--|#|/\\*)\\s{0,5}-?$",
                        "'\\s{0,20}(?:order|group)\\s{1,20}by\\s{1,20}\\d{1,3}\\s{0,20}(?:--|#)"));
        PATTERNS.put(
                RuleClass.SCRIPT,
                compiled(
                        "<\\s{0,10}/?\\s{0,10}script[\\s/>]",
                        "<\\s{0,10}[a-z][a-z0-9]{0,20}[\\s/][^>]{0,300}\\bon[a-z]{3,25}\\s{0,10}=",
                        "<\\s{0,10}(?:iframe|object|embed|base|applet)[\\s/][^>]{0,300}(?:src|srcdoc|data|href|code)\\s{0,10}=",
                        "[\"'][\\s/]{0,10}on[a-z]{3,25}\\s{0,10}=\\s{0,10}[\"']?[a-z]",
                        "(?:=|^|[\"'])\\s{0,10}(?:javascript|vbscript)\\s{0,10}:[^&]{0,100}[(`=]",
                        "data:text/html[;,]",
                        "<!(?:entity|doctype)\\s[^>]{0,200}(?:\\[|system)"));
        PATTERNS.put(
                RuleClass.TRAVERSAL,
                compiled(
                        "(?:\\.\\.[/\\\\]){2,}",
                        "\\.\\.[/\\\\].{0,100}(?:etc|proc|boot|windows|winnt|web-inf|\\.ssh|\\.env|\\.git|passwd|shadow)\\b",
                        "(?:^|[=/\\\\:])etc[/\\\\](?:passwd|shadow|group|sudoers|ssh)\\b",
                        "[/\\\\]proc[/\\\\](?:self|\\d{1,9}|version|cmdline)\\b",
                        "\\b[a-z]:\\\\(?:windows|winnt|boot\\.ini)|\\bwin\\.ini$|\\bboot\\.ini$",
                        "^(?:file|php|zip|phar|expect|gopher|dict)://",
                        "[/\\\\]\\.\\.;[/\\\\]"));
        PATTERNS.put(
                RuleClass.COMMAND,
                compiled(
                        "(?:[;|`\\n]|&&)\\s{0,10}" + COMMANDS,
                        "\\$\\(\\s{0,10}(?:" + COMMANDS + "|id\\)|ls\\))",
                        "`\\s{0,10}(?:id|ls|whoami|" + COMMANDS + "[^`]{0,100})`",
                        "\\$\\{\\s{0,5}(?:jndi|lower|upper|env|sys|java|date|ctx|base64|::-)\\s{0,5}:",
                        "\\$\\{\\s{0,5}::-",
                        "\\(\\)\\s{0,5}\\{\\s{0,5}:;\\s{0,5}}\\s{0,5};",
                        "[{$#%*]\\{\\s{0,5}\\d{1,9}\\s{0,5}\\*\\s{0,5}'?\\d{1,9}",
                        "\\{\\{[^}]{0,200}(?:__class__|__globals__|__mro__|constructor\\.constructor|config\\.items)",
                        "[$%#]\\{[^}]{0,200}(?:t\\(java|new java|@java|runtime|processbuilder)",
                        "<\\?php\\b|<\\?=|<%[=@]"));
        PATTERNS.put(
                RuleClass.SPLIT,
                compiled(
                        "[\\r\\n]\\s{0,10}(?:set-cookie|location|content-length|content-type|transfer-encoding|host|x-[a-z-]{1,40})\\s{0,5}:",
                        "[\\r\\n]\\s{0,10}http/\\d",
                        "[\\r\\n]{2,4}<",
                        "\\x00"));
    }

    private RulePatterns() {}

    /** Whether a rule of that class matches. */
    static boolean match(RuleClass type, String text) {
        List<Pattern> patterns = PATTERNS.get(type);
        if (patterns == null) {
            return false;
        }
        for (int i = 0; i < patterns.size(); i++) {
            if (patterns.get(i).matcher(text).find()) {
                return true;
            }
        }
        return false;
    }

    /** The first class that matches, or null. */
    static @Nullable RuleClass first(String text) {
        for (RuleClass type : RuleClass.values()) {
            if (match(type, text)) {
                return type;
            }
        }
        return null;
    }

    private static List<Pattern> compiled(String... sources) {
        return List.of(sources).stream()
                .map(source -> Pattern.compile(source, Pattern.DOTALL))
                .toList();
    }
}
