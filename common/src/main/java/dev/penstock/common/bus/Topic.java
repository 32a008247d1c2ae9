package dev.penstock.common.bus;

/**
 * A typed publish address. Delivery is best effort: what must not be lost goes through an {@link Endpoint} or is
 * sent again while it lasts.
 *
 * @param address ends in the version of the contract
 */
public record Topic<E>(String address, Class<E> event) {
    public static <E> Topic<E> of(String address, Class<E> event) {
        return new Topic<>(address, event);
    }
}
