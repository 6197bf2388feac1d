/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GPIO ports A to D. Each function register has a twin that sets and one that clears. */
#include "twin/soc.h"

#define PORT_SIZE 0x100

#define PXPIN  0x00
#define PXINT  0x10
#define PXMSK  0x20
#define PXPAT1 0x30
#define PXPAT0 0x40

#define SET   4
#define CLEAR 8

#define SETUP_BUTTON 46 /* low while it is pressed: facts 1.4 */

void gpio_reset(struct soc *soc)
{
	for (unsigned i = 0; i < GPIO_PORTS; i++)
		soc->gpio[i] = (struct gpio_port){ .mask = ~0u, .pattern1 = ~0u };
}

/* Bits that are outputs: no interrupt, no device function, not an input. */
static uint32_t outputs(const struct gpio_port *port)
{
	return ~port->interrupt & port->mask & ~port->pattern1;
}

int gpio_level(const struct soc *soc, int gpio)
{
	const struct gpio_port *port;

	if (gpio < 0 || gpio >= GPIO_PORTS * 32)
		return -1;
	port = &soc->gpio[gpio / 32];
	if (!(outputs(port) >> gpio % 32 & 1))
		return -1;
	return port->pattern0 >> gpio % 32 & 1;
}

/* What comes in from outside is pulled up, but for a pressed button. */
static uint32_t levels(const struct soc *soc, unsigned index)
{
	const struct gpio_port *port = &soc->gpio[index];
	uint32_t outside = ~0u;

	if (index == SETUP_BUTTON / 32 && soc->camera->button_held)
		outside &= ~(1u << SETUP_BUTTON % 32);
	return (outputs(port) & port->pattern0) | (~outputs(port) & outside);
}

static uint32_t *gpio_register(struct gpio_port *port, uint32_t offset)
{
	switch (offset & ~0xfu) {
	case PXINT:
		return &port->interrupt;
	case PXMSK:
		return &port->mask;
	case PXPAT1:
		return &port->pattern1;
	case PXPAT0:
		return &port->pattern0;
	default:
		return NULL;
	}
}

static uint32_t gpio_read(struct soc *soc, uint32_t offset)
{
	unsigned index = offset / PORT_SIZE;
	uint32_t *value;

	if (index >= GPIO_PORTS)
		return 0;
	if (offset % PORT_SIZE == PXPIN)
		return levels(soc, index);
	value = gpio_register(&soc->gpio[index], offset % PORT_SIZE);
	return value ? *value : 0;
}

static void set_register(struct gpio_port *port, uint32_t offset, uint32_t value)
{
	uint32_t *target = gpio_register(port, offset);

	if (!target)
		return;
	if ((offset & 0xf) == SET)
		*target |= value;
	else if ((offset & 0xf) == CLEAR)
		*target &= ~value;
	else if ((offset & 0xf) == 0)
		*target = value;
}

static void gpio_write(struct soc *soc, uint32_t offset, uint32_t value)
{
	unsigned index = offset / PORT_SIZE;
	struct gpio_port before, *port;
	uint32_t changed;

	if (index >= GPIO_PORTS)
		return;
	port = &soc->gpio[index];
	before = *port;
	set_register(port, offset % PORT_SIZE, value);
	/* Pins that are outputs now, and were none or had the other level. */
	changed = outputs(port) & (~outputs(&before) | (before.pattern0 ^ port->pattern0));
	for (unsigned bit = 0; changed; bit++, changed >>= 1)
		if (changed & 1)
			camera_pin_set(soc->camera, index * 32 + bit, port->pattern0 >> bit & 1);
}

const struct device gpio_device = { 0x10010000, 0x1000, gpio_read, gpio_write };
