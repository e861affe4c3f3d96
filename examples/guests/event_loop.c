// Asks for the three parts of a customer's bill, one after the other, and adds them up.
__attribute__((import_module("host"), import_name("ask"))) int ask(int customer, int part);

int _start(int customer) {
  int bill = 0;
  for (int part = 0; part < 3; ++part) bill += ask(customer, part);
  return bill;
}
