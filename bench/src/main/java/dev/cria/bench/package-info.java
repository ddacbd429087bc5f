/** JMH micro-benchmarks, one class for each operation that is measured. */
package dev.cria.bench;
