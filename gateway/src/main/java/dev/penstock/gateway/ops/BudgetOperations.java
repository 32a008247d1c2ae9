package dev.penstock.gateway.ops;

import dev.penstock.common.config.BudgetConfig.Period;
import dev.penstock.common.config.BudgetConfig.Scope;
import dev.penstock.common.contract.SecurityContract.Kind;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.unit.Money;
import dev.penstock.gateway.audit.Audit;
import dev.penstock.gateway.http.ClientAddress;
import dev.penstock.gateway.money.MoneyParts;
import dev.penstock.gateway.money.Spending;
import dev.penstock.gateway.money.policy.Budget;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Budgets: those of the configuration are shown, those made here can be changed. */
final class BudgetOperations {
    private static final Set<String> FIELDS = Set.of("name", "scope", "subject", "period", "limit", "hard", "alert_at");
    private static final Set<String> CHANGE = Set.of("scope", "subject", "period", "limit", "hard", "alert_at");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final int LONGEST_SUBJECT = 128;
    private static final int MOST_THRESHOLDS = 10;
    private static final List<Integer> THRESHOLDS = List.of(50, 80, 100);

    private final MoneyParts money;
    private final Audit audit;

    BudgetOperations(MoneyParts money, Audit audit) {
        this.money = money;
        this.audit = audit;
    }

    void register(Map<Operations, OperationHandler> handlers) {
        handlers.put(Operations.BUDGET_LIST, this::list);
        handlers.put(Operations.BUDGET_READ, this::read);
        handlers.put(Operations.BUDGET_CREATE, this::create);
        handlers.put(Operations.BUDGET_REPLACE, this::replace);
        handlers.put(Operations.BUDGET_DELETE, this::delete);
    }

    private Future<Answer> list(OpsCall call) {
        List<Future<JsonObject>> all = new ArrayList<>();
        money.keeper().all().forEach(budget -> all.add(shown(budget)));
        return Future.all(all).map(done -> {
            JsonArray array = new JsonArray();
            all.forEach(each -> array.add(each.result()));
            return Answer.json(new JsonObject().put("budgets", array));
        });
    }

    private Future<Answer> read(OpsCall call) {
        return money.keeper()
                .named(call.pathParameter("id"))
                .compose(this::shown)
                .map(Answer::json);
    }

    private Future<Answer> create(OpsCall call) {
        JsonObject body = call.body(FIELDS);
        String name = OpsCall.text(body, "name");
        if (name == null || !NAME.matcher(name).matches()) {
            throw Fault.invalid(
                    "name", "'name' must be up to 64 letters, digits and . _ -, beginning with a letter or digit.");
        }
        Budget budget = budget(name, body);
        return money.keeper()
                .create(budget, call.principal().keyId())
                .compose(done -> kept(call, budget.name(), "made with a limit of " + new Money(budget.limitNanos())))
                .compose(done -> shown(budget))
                .map(json -> Answer.json(201, json));
    }

    private Future<Answer> replace(OpsCall call) {
        Budget budget = budget(call.pathParameter("id"), call.body(CHANGE));
        return money.keeper()
                .replace(budget, call.principal().keyId())
                .compose(done -> kept(call, budget.name(), "set to a limit of " + new Money(budget.limitNanos())))
                .compose(done -> shown(budget))
                .map(Answer::json);
    }

    private Future<Answer> delete(OpsCall call) {
        String name = call.pathParameter("id");
        return money.keeper()
                .delete(name)
                .compose(done -> kept(call, name, "removed"))
                .map(done -> Answer.empty(Map.of()));
    }

    private Future<Void> kept(OpsCall call, String name, String what) {
        return audit.record(new Audit.Act(
                Kind.BUDGET_CHANGED,
                call.principal().keyId(),
                ClientAddress.of(call.request()),
                call.context().correlationId(),
                name,
                true,
                "The budget " + name + " was " + what + "."));
    }

    private static Budget budget(String name, JsonObject body) {
        Scope scope = choice("scope", OpsCall.text(body, "scope"), Scope.class, null);
        String subject = OpsCall.text(body, "subject");
        if ((subject == null || subject.isBlank()) != (scope == Scope.ALL)) {
            throw Fault.invalid(
                    "subject", "'subject' says whose budget it is; the scope all, and only that, has none.");
        }
        if (subject != null && subject.length() > LONGEST_SUBJECT) {
            throw Fault.invalid("subject", "'subject' has at most " + LONGEST_SUBJECT + " characters.");
        }
        return new Budget(
                name,
                scope,
                subject == null ? "" : subject,
                choice("period", OpsCall.text(body, "period"), Period.class, Period.MONTH),
                limit(OpsCall.text(body, "limit")),
                hard(body),
                thresholds(body),
                false);
    }

    private static long limit(@Nullable String text) {
        if (text == null) {
            throw Fault.invalid("limit", "'limit' is needed, such as \"25usd\".");
        }
        try {
            return Money.parse(text).nanos();
        } catch (IllegalArgumentException e) {
            throw Fault.invalid("limit", "'limit' must be an amount such as \"0.10usd\", with at most nine decimals.");
        }
    }

    private static boolean hard(JsonObject body) {
        Object value = body.getValue("hard");
        if (value == null || value instanceof Boolean) {
            return !Boolean.FALSE.equals(value);
        }
        throw Fault.invalid("hard", "'hard' must be true or false.");
    }

    private static List<Integer> thresholds(JsonObject body) {
        Object value = body.getValue("alert_at");
        if (value == null) {
            return THRESHOLDS;
        }
        boolean good = value instanceof JsonArray array
                && array.size() <= MOST_THRESHOLDS
                && array.stream().allMatch(each -> each instanceof Integer percent && percent >= 1 && percent <= 1000);
        if (!good) {
            throw Fault.invalid("alert_at", "'alert_at' must be at most 10 whole numbers from 1 to 1000, in per cent.");
        }
        return ((JsonArray) value).stream().map(Integer.class::cast).toList();
    }

    private static <E extends Enum<E>> E choice(
            String field, @Nullable String text, Class<E> type, @Nullable E absent) {
        if (text == null && absent != null) {
            return absent;
        }
        return Labels.parse(type, text == null ? "" : text)
                .orElseThrow(() -> Fault.invalid(field, "'" + field + "' must be one of " + Labels.all(type) + "."));
    }

    /** With what was spent, as far as anybody can say that now. */
    private Future<JsonObject> shown(Budget budget) {
        return money.spending(budget).map(spending -> json(budget, spending)).otherwise(e -> json(budget, null));
    }

    private static JsonObject json(Budget budget, @Nullable Spending spending) {
        JsonArray alertAt = new JsonArray();
        budget.alertAt().forEach(alertAt::add);
        return new JsonObject()
                .put("name", budget.name())
                .put("scope", Labels.of(budget.scope()))
                .put("subject", budget.subject().isEmpty() ? null : budget.subject())
                .put("period", Labels.of(budget.period()))
                .put("limit", new Money(budget.limitNanos()).toString())
                .put("hard", budget.hard())
                .put("alert_at", alertAt)
                .put("origin", budget.fromFile() ? "file" : "api")
                .put("spent_nanos", spending == null ? null : spending.spent())
                .put("reserved_nanos", spending == null ? null : spending.reserved())
                .put(
                        "left_nanos",
                        spending == null
                                ? null
                                : Math.max(0, budget.limitNanos() - spending.spent() - spending.reserved()));
    }
}
