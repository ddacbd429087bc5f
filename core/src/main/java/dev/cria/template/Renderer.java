package dev.cria.template;

import dev.cria.template.Expression.Filtering;
import dev.cria.template.Jinja.Span;
import dev.cria.template.Statement.Binding;
import dev.cria.template.Statement.Branch;
import dev.cria.template.Statement.Break;
import dev.cria.template.Statement.CallBlock;
import dev.cria.template.Statement.Continue;
import dev.cria.template.Statement.Data;
import dev.cria.template.Statement.FilterBlock;
import dev.cria.template.Statement.For;
import dev.cria.template.Statement.Generation;
import dev.cria.template.Statement.If;
import dev.cria.template.Statement.Macro;
import dev.cria.template.Statement.Print;
import dev.cria.template.Statement.Set;
import dev.cria.template.Statement.SetBlock;
import dev.cria.template.Statement.Target;
import dev.cria.template.Statement.With;
import dev.cria.template.Value.Namespace;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** Carries out a template's statements, once. */
final class Renderer {
    private final Budget budget = new Budget();
    private final Evaluator evaluator;
    private final StringBuilder whole = new StringBuilder();
    private final List<Span> generated = new ArrayList<>();
    private StringBuilder out = whole;

    /** How a body was left. */
    private enum Flow {
        ON,
        BREAK,
        CONTINUE
    }

    Renderer(Clock clock) {
        this.evaluator = new Evaluator(budget, clock);
    }

    Jinja.Rendering rendered(List<Statement> body, Scope scope) {
        try {
            run(body, scope);
        } catch (Refusal refusal) {
            throw refusal.at(evaluator.line());
        } catch (StackOverflowError e) {
            throw new Refusal("the template nests too deeply").at(evaluator.line());
        }
        return new Jinja.Rendering(whole.toString(), List.copyOf(generated));
    }

    private Flow run(List<Statement> body, Scope scope) {
        for (Statement statement : body) {
            budget.enter();
            evaluator.at(statement.line());
            Flow flow = run(statement, scope);
            budget.leave();
            if (flow != Flow.ON) {
                return flow;
            }
        }
        return Flow.ON;
    }

    private Flow run(Statement statement, Scope scope) {
        switch (statement) {
            case Data d -> print(d.text());
            case Print p -> print(Printed.str(evaluator.value(p.value(), scope)));
            case If i -> {
                return branch(i, scope);
            }
            case For f -> loop(f, evaluator.value(f.elements(), scope), scope, 0);
            case Set s -> assign(s.target(), evaluator.value(s.value(), scope), scope);
            case SetBlock s -> assign(s.target(), filtered(s.filters(), s.body(), scope), scope);
            case With w -> {
                return with(w, scope);
            }
            case Macro m -> scope.set(m.name(), new MacroValue(m.name(), m.signature(), m.body(), scope, this));
            case CallBlock c -> {
                Value caller = new MacroValue("caller", c.signature(), c.body(), scope, this);
                print(Printed.str(evaluator.call(c.call(), scope, Optional.of(caller))));
            }
            case FilterBlock f -> print(Printed.str(filtered(f.filters(), f.body(), scope)));
            case Generation g -> generation(g, scope);
            case Break _ -> {
                return Flow.BREAK;
            }
            case Continue _ -> {
                return Flow.CONTINUE;
            }
        }
        return Flow.ON;
    }

    private void print(String text) {
        budget.grow(text.length());
        if (out.length() + (long) text.length() > Budget.LARGEST) {
            budget.grow(Budget.LARGEST + 1);
        }
        out.append(text);
    }

    private Flow branch(If statement, Scope scope) {
        for (Branch branch : statement.branches()) {
            if (evaluator.truth(branch.test(), scope)) {
                return run(branch.body(), scope);
            }
        }
        return run(statement.otherwise(), scope);
    }

    private void loop(For loop, Value over, Scope scope, int depth) {
        List<Value> elements = chosen(loop, over, scope);
        Loop state = new Loop(
                elements,
                depth,
                loop.recursive() ? Optional.of(inner -> recursed(loop, inner, scope, depth + 1)) : Optional.empty());
        for (Value element : elements) {
            budget.step(1);
            state.advance();
            Scope body = new Scope(scope);
            body.set("loop", state);
            assign(loop.target(), element, body);
            if (run(loop.body(), body) == Flow.BREAK) {
                break;
            }
        }
        if (elements.isEmpty()) {
            run(loop.otherwise(), new Scope(scope));
        }
    }

    private List<Value> chosen(For loop, Value over, Scope scope) {
        List<Value> elements = new ArrayList<>();
        for (Iterator<Value> all = evaluator.operators().iterate(over); all.hasNext(); ) {
            Value element = all.next();
            budget.grow(Budget.ELEMENT);
            if (loop.filter().isEmpty() || holds(loop, loop.filter().get(), element, scope)) {
                elements.add(element);
            }
        }
        return elements;
    }

    private boolean holds(For loop, Expression filter, Value element, Scope scope) {
        Scope single = new Scope(scope);
        assign(loop.target(), element, single);
        return evaluator.truth(filter, single);
    }

    private Value recursed(For loop, Value over, Scope scope, int depth) {
        budget.enter();
        StringBuilder outer = out;
        out = new StringBuilder();
        loop(loop, over, scope, depth);
        String text = out.toString();
        out = outer;
        budget.leave();
        return Value.of(text);
    }

    private void assign(Target target, Value value, Scope scope) {
        switch (target) {
            case Target.Variable v -> scope.set(v.name(), value);
            case Target.Several s -> {
                List<Value> values = evaluator.operators().elements(value);
                if (values.size() != s.targets().size()) {
                    throw new Refusal("cannot unpack " + values.size() + " values into "
                            + s.targets().size() + " names");
                }
                for (int i = 0; i < values.size(); i++) {
                    assign(s.targets().get(i), values.get(i), scope);
                }
            }
            case Target.Member m -> {
                if (!(scope.get(m.namespace()).orElse(Value.NONE) instanceof Namespace namespace)) {
                    throw new Refusal("'" + m.namespace() + "' is not a namespace, so its attributes cannot be set");
                }
                namespace.attributes().put(m.name(), value);
            }
        }
    }

    /** What a body prints. */
    private String captured(List<Statement> body, Scope scope) {
        StringBuilder outer = out;
        out = new StringBuilder();
        run(body, scope);
        String text = out.toString();
        out = outer;
        return text;
    }

    /** What a macro prints, its defaults found where it was defined. */
    String captured(MacroValue macro, Scope scope) {
        budget.enter();
        String text = captured(macro.body(), scope);
        budget.leave();
        return text;
    }

    Value value(Expression expression, Scope scope) {
        return evaluator.value(expression, scope);
    }

    private Value filtered(List<Filtering> filters, List<Statement> body, Scope scope) {
        Value value = Value.of(captured(body, new Scope(scope)));
        for (Filtering filter : filters) {
            value = evaluator.filter(filter, value, scope);
        }
        return value;
    }

    private Flow with(With with, Scope scope) {
        Scope inner = new Scope(scope);
        for (Binding binding : with.bindings()) {
            assign(binding.target(), evaluator.value(binding.value(), scope), inner);
        }
        return run(with.body(), inner);
    }

    private void generation(Generation generation, Scope scope) {
        int from = out.length();
        print(captured(generation.body(), new Scope(scope)));
        if (out == whole) {
            generated.add(new Span(from, out.length()));
        }
    }
}
