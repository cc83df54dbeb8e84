package dev.glidepath.queue;

import dev.glidepath.lab.TestQueue;
import java.net.URI;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.sqs.SqsClient;

/** The contract on ElasticMQ, inside this JVM. */
class ElasticMqQueueIT extends QueueContract {
    @Override
    SqsClient newClient(ExecutionInterceptor interceptor) {
        return TestQueue.newClient(interceptor);
    }

    @Override
    URI newQueue(SqsClient sqs) {
        return TestQueue.create().url();
    }
}
