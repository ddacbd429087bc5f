package dev.cria.template;

/** The operators of arithmetic. */
enum Operator {
    ADD("+"),
    SUBTRACT("-"),
    MULTIPLY("*"),
    DIVIDE("/"),
    FLOOR_DIVIDE("//"),
    REMAINDER("%"),
    POWER("**");

    final String sign;

    Operator(String sign) {
        this.sign = sign;
    }
}
