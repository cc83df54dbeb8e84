/**
 * Every option there is, documented where it is declared, checked before anything else happens.
 *
 * <pre>
 *   environment --ConfigCheck--> Valid(GlidepathConfig, region) | Invalid(one line a variable)
 * </pre>
 */
@NullMarked
package dev.glidepath.config;

import org.jspecify.annotations.NullMarked;
