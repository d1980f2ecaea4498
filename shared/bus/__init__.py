"""The bus: how the services tell each other what happened, without ever calling one another.

    publish   outbox.publish(session, name, aggregate=…, payload=…) in the transaction that makes it true
    relay     sends the outbox in order to the transport (in-process memory, or RabbitMQ)
    consumer  runs a service's HANDLERS in one transaction with the inbox rows that make each effect happen once
    runner    the threads of relay and consumer; pump() does their work at once, in the calling thread

Promises: an event that was committed reaches every subscriber; its effect happens once; the events of one aggregate
arrive in order. Durability comes from the outbox, whatever the transport.
"""
