package dev.glidepath.lab;

import software.amazon.awssdk.http.urlconnection.ProxyConfiguration;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;

/** HTTP for the SDK's clients in tests, to servers on this machine: proxies of the environment are not asked. */
public final class Loopback {
    private Loopback() {}

    public static UrlConnectionHttpClient.Builder http() {
        return UrlConnectionHttpClient.builder()
                .proxyConfiguration(ProxyConfiguration.builder()
                        .useSystemPropertyValues(false)
                        .useEnvironmentVariablesValues(false)
                        .build());
    }
}
