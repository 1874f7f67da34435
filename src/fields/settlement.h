/*
 * What is taken out of a settlement in a sales order's document (see
 * customer.h for how this is used).
 */
FIELD(SETTLEMENT_CODE, "settlementCode", NULL, FIELD_TEXT, WRITE | REQUIRED, .max_length = 255)
FIELD(SETTLEMENT_AMOUNT, "amount", NULL, FIELD_AMOUNT, WRITE | REQUIRED, .minimum = PG_INT64_MIN)
FIELD(SETTLEMENT_PAYMENT_AMOUNT, "paymentAmount", NULL, FIELD_AMOUNT, WRITE, .minimum = PG_INT64_MIN)
FIELD(SETTLEMENT_CREDIT_AMOUNT, "creditAmount", NULL, FIELD_AMOUNT, WRITE, .minimum = PG_INT64_MIN)
